-- What customers said about a conversation, once for each question asked.
CREATE TABLE rating (
	conversation BIGINT NOT NULL,
	id           TEXT   NOT NULL,
	stars        BIGINT NOT NULL,             -- 1 to 5
	body         TEXT   NOT NULL DEFAULT '',
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, id)
);

-- Every consent given and withdrawn, never overwritten: it may have to be shown.
CREATE TABLE consent (
	conversation BIGINT NOT NULL,
	seq          BIGINT NOT NULL,
	what         TEXT   NOT NULL,             -- analysis, memory …
	given        BIGINT NOT NULL,             -- 1 given, 0 withdrawn
	version      TEXT   NOT NULL,             -- of the text that was agreed to
	at           BIGINT NOT NULL,
	PRIMARY KEY (conversation, seq)
);
