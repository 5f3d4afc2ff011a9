CREATE TEMPORARY TABLE taken (public_id TEXT, token TEXT, digest TEXT);
\copy taken FROM '{devices}'
INSERT INTO push_device (public_id, application_id, platform, token, token_digest, status, ios_alert, ios_badge,
    ios_sound, details, hits, last_request_ms, push_hits, created_ms, modified_ms)
SELECT taken.public_id, push_application.id, '{platform}', token, digest, 'active', TRUE, TRUE, TRUE, '{}', 1,
    1600000000000, 0, 1600000000000, 1600000000000
FROM taken, push_application WHERE push_application.code = '{application}';
VACUUM ANALYZE push_device;
CHECKPOINT;
