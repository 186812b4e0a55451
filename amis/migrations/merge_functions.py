"""What persons have used up of their quotas when they turn out to be one, as migration 0007 creates it.

Uses stay with the id under which they came about; what is left of a quota is the one person's. Whoever is parted again
goes on where they stood, and the other is given back what they had brought along.
"""

from alembic import op

_FOLLOW = """
CREATE FUNCTION quotas_follow_a_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.undone_at IS NULL THEN
        INSERT INTO quota_counter AS kept (municipality_id, person_id, concession_id, window_start, per, used, lim)
        SELECT municipality_id, NEW.to_id, concession_id, window_start, per, used, lim FROM quota_counter
        WHERE municipality_id = NEW.municipality_id AND person_id = NEW.from_id
        ORDER BY concession_id, window_start, per
        ON CONFLICT (municipality_id, person_id, concession_id, window_start, per) DO UPDATE
        SET lim = greatest(kept.lim, excluded.lim),
            used = least(kept.used + excluded.used, greatest(kept.lim, excluded.lim));
    ELSE
        UPDATE quota_counter AS kept SET used = greatest(kept.used - theirs.used, 0) FROM quota_counter AS theirs
        WHERE theirs.municipality_id = NEW.municipality_id AND theirs.person_id = NEW.to_id
            AND kept.municipality_id = NEW.municipality_id AND kept.person_id = NEW.from_id
            AND (kept.concession_id, kept.window_start, kept.per)
                = (theirs.concession_id, theirs.window_start, theirs.per);
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER quotas_follow AFTER INSERT OR UPDATE OF undone_at ON person_merge
FOR EACH ROW EXECUTE FUNCTION quotas_follow_a_merge()
"""


def create_merge_functions() -> None:
    """Lets quota counters follow merges; only the hot path's role may write them."""
    op.execute(_FOLLOW)
    op.execute(_TRIGGER)
    op.execute("REVOKE EXECUTE ON FUNCTION quotas_follow_a_merge() FROM PUBLIC")
    # Last: who does not own it may not tie it to a table.
    op.execute("ALTER FUNCTION quotas_follow_a_merge() OWNER TO amis_hot")


def drop_merge_functions() -> None:
    """Takes that away."""
    op.execute("DROP TRIGGER quotas_follow ON person_merge")
    op.execute("DROP FUNCTION quotas_follow_a_merge()")
