-- BYTES is replaced by the dialect's own type of raw bytes.

-- The processes that share this database; each says again and again that it lives.
CREATE TABLE node (
	id    TEXT   PRIMARY KEY,
	name  TEXT   NOT NULL,                    -- host and process, for people
	since BIGINT NOT NULL,
	beat  BIGINT NOT NULL
);

-- What only one of them does at a time, such as listening to one network.
CREATE TABLE lease (
	name   TEXT   PRIMARY KEY,
	holder TEXT   NOT NULL,
	since  BIGINT NOT NULL
);

-- What is held by a process is looked for when it dies.
CREATE INDEX conversation_held ON conversation (holder) WHERE holder <> '';
CREATE INDEX outbox_held ON outbox (holder) WHERE holder <> '' AND settled IS NULL;

-- What customers attach, where the processes have no folder in common.
CREATE TABLE upload (
	id   TEXT   PRIMARY KEY,
	body BYTES  NOT NULL,
	at   BIGINT NOT NULL
);
