//! Which addresses outgoing calls may reach.
