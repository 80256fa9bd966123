//! The journal on sled: durable, sealed, exact.
