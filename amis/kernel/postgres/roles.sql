-- The roles of AMIS. Run it as a superuser (or a role with CREATEROLE); it may be run again.
-- On an outside PostgreSQL 18:
--   psql -d postgres -f roles.sql
--   createdb --owner amis_owner --encoding UTF8 --template template0 --locale-provider builtin --builtin-locale C.UTF-8 amis
--   psql -d amis -f database.sql
-- and then give the login roles their passwords with \password.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['amis_owner', 'amis_app', 'amis_worker', 'amis_hot', 'amis_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
END
$$;

-- Owns the tables; used by migrations only.
ALTER ROLE amis_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Pages and API.
ALTER ROLE amis_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Background work.
ALTER ROLE amis_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Owns the functions of the hot path; nobody signs in as it.
ALTER ROLE amis_hot NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- Reads the audit trail.
ALTER ROLE amis_auditor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- A migration may hand functions over to amis_hot, without having its rights otherwise.
GRANT amis_hot TO amis_owner WITH INHERIT FALSE, SET TRUE;
