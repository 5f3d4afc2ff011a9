CREATE TABLE post (id bigint PRIMARY KEY, time_ms bigint NOT NULL, subject text NOT NULL, text text NOT NULL);
\copy post FROM '{posts}'
ALTER TABLE post ADD COLUMN words tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', subject || ' ' || text)) STORED;
CREATE INDEX post_words ON post USING gin (words);
VACUUM ANALYZE post;
