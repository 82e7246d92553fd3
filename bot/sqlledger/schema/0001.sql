-- ROW_ID is replaced by the dialect's own self-numbering primary key.
-- Times are microseconds since 1970, UTC. Bodies are JSON.

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

-- One conversation: who owns it, who works on it, what was remembered last.
CREATE TABLE conversation (
	id         ROW_ID,
	channel    TEXT   NOT NULL,
	thread     TEXT   NOT NULL,
	person     TEXT   NOT NULL DEFAULT '',    -- the user who wrote last
	owner      TEXT   NOT NULL DEFAULT 'bot',
	epoch      BIGINT NOT NULL DEFAULT 0,     -- raised with every change of owner
	session    TEXT   NOT NULL DEFAULT '',
	updated    BIGINT NOT NULL DEFAULT 0,     -- time of the last message answered
	last_event BIGINT NOT NULL DEFAULT 0,     -- counters under this row's lock: no gap in the order of commits
	last_turn  BIGINT NOT NULL DEFAULT 0,
	fence      BIGINT NOT NULL DEFAULT 0,
	attempt    BIGINT NOT NULL DEFAULT 0,     -- claims since the last commit
	holder     TEXT   NOT NULL DEFAULT '',    -- the process that holds the claim
	claimed    BIGINT NOT NULL DEFAULT 0,     -- last event the claim covers
	pending    BIGINT NOT NULL DEFAULT 0,     -- messages without an answer
	due        BIGINT,                        -- when it may be claimed; NULL when nothing is pending
	UNIQUE (channel, thread)
);
CREATE INDEX conversation_due ON conversation (due) WHERE due IS NOT NULL;
CREATE INDEX conversation_updated ON conversation (updated) WHERE last_turn > 0;

-- The transcript: what the two sides saw, in order. Bodies of inbox and outbox live here.
CREATE TABLE event (
	conversation BIGINT NOT NULL,
	seq          BIGINT NOT NULL,
	kind         TEXT   NOT NULL,             -- message, reply or owner
	body         TEXT   NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, seq)
);

-- Every message once, by the network's own name for it.
CREATE TABLE inbox (
	channel      TEXT   NOT NULL,
	ext_id       TEXT   NOT NULL,
	conversation BIGINT NOT NULL,
	seq          BIGINT NOT NULL,
	turn         BIGINT NOT NULL DEFAULT 0,   -- the turn that answered it; 0 when pending
	at           BIGINT NOT NULL,
	PRIMARY KEY (channel, ext_id)
);
CREATE INDEX inbox_pending ON inbox (conversation, seq) WHERE turn = 0;

-- Every reply. Only the oldest unsettled one of a conversation has a due time.
CREATE TABLE outbox (
	conversation BIGINT NOT NULL,
	seq          BIGINT NOT NULL,
	channel      TEXT   NOT NULL,
	reply_id     TEXT   NOT NULL,
	person       TEXT   NOT NULL DEFAULT '',  -- who wrote it; '' for the bot
	state        TEXT   NOT NULL DEFAULT 'open', -- open, cancelling, sent, failed or cancelled
	attempt      BIGINT NOT NULL DEFAULT 0,   -- also the fence of the delivery
	ambiguous    BIGINT NOT NULL DEFAULT 0,   -- 1: an earlier attempt may have arrived
	holder       TEXT   NOT NULL DEFAULT '',  -- the process that is sending it
	due          BIGINT,
	failure      TEXT   NOT NULL DEFAULT '',
	at           BIGINT NOT NULL,
	settled      BIGINT,                      -- when it was sent, given up or cancelled
	PRIMARY KEY (conversation, seq)
);
CREATE INDEX outbox_due ON outbox (channel, due) WHERE due IS NOT NULL;
CREATE INDEX outbox_open ON outbox (conversation, seq) WHERE settled IS NULL;
CREATE UNIQUE INDEX outbox_said ON outbox (conversation, reply_id) WHERE person <> '';

-- The journal: everything about one turn.
CREATE TABLE entry (
	conversation BIGINT NOT NULL,
	seq          BIGINT NOT NULL,
	body         TEXT   NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, seq)
);

CREATE TABLE customer (
	id   TEXT   PRIMARY KEY,
	rev  BIGINT NOT NULL,
	body TEXT   NOT NULL
);
