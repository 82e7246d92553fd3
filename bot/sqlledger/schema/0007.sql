-- Records that a law asks to be kept although the customer had the conversation
-- deleted: out of the way of everything that answers, shows or counts.
CREATE TABLE locked (
	id           ROW_ID,
	conversation BIGINT NOT NULL,
	kind         TEXT   NOT NULL,             -- event or entry
	seq          BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	body         TEXT   NOT NULL,
	reason       TEXT   NOT NULL,             -- why it is kept
	until        BIGINT NOT NULL              -- when it goes
);
CREATE INDEX locked_conversation ON locked (conversation);
CREATE INDEX locked_until ON locked (until);

-- Privileged acts, each line bound to the one before by its hash.
CREATE TABLE audit (
	seq    BIGINT PRIMARY KEY,
	at     BIGINT NOT NULL,
	actor  TEXT   NOT NULL,
	act    TEXT   NOT NULL,
	object TEXT   NOT NULL,
	reason TEXT   NOT NULL,
	hash   TEXT   NOT NULL
);

CREATE INDEX conversation_person ON conversation (person) WHERE person <> '';
