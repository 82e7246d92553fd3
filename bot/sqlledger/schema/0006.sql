-- Where the staff sees a conversation, for desks whose network cannot be asked.
CREATE TABLE place (
	desk    TEXT   NOT NULL,
	channel TEXT   NOT NULL,
	conv    TEXT   NOT NULL,                  -- the thread of the conversation
	thread  TEXT   NOT NULL,                  -- the desk's own name for its place
	seq     BIGINT NOT NULL,                  -- last event shown there
	epoch   BIGINT NOT NULL,                  -- of the last request shown there
	PRIMARY KEY (desk, channel, conv)
);
