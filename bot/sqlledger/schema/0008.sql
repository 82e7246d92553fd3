-- What other systems were told because of a conversation is addressed by its name.
CREATE INDEX conversation_thread ON conversation (thread);
