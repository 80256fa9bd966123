//! Prompt packs: the folder format, its strict loader, and the packs that ship with Sutler.
