"""What others may follow of notices: those that were refused, so that a sender can read its faults."""

from amis.kernel.feed import FeedSource

REFUSALS = FeedSource(
    "notice_arrival",
    "SELECT feed_no, municipality_id, 'notice_arrival' AS source, id, 'notice.' || verdict AS topic,"
    " NULL::uuid AS subject, jsonb_build_object('sender_id', sender_id, 'message_id', message_id,"
    " 'event_id', event_id, 'record_id', record_id, 'version', version, 'code', error_code,"
    " 'pointer', error_pointer, 'batch_id', batch_id, 'row_no', row_no) AS data, received_at AS at"
    " FROM notice_arrival WHERE verdict IN ('rejected', 'conflict')",
)
