//! The messaging platforms, bridged to the agent core.
