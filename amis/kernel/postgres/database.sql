-- What a database of AMIS needs beside its tables. Run it inside that database as a superuser; it may be run again.

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO amis_app, amis_worker, amis_auditor', current_database());
    -- Imports are staged in temporary tables, as COPY cannot write under row-level security.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO amis_app, amis_worker', current_database());
    -- Exclusion constraints over an id and a period.
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') THEN
        SET LOCAL ROLE amis_owner;
        CREATE EXTENSION btree_gist;
        RESET ROLE;
    END IF;
END
$$;
