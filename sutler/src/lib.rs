//! The Sutler binary as a library: configuration, assembly and commands.
