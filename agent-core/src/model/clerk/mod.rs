//! The clerk.
