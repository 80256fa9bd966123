//! A shop on Discord, through serenity, against a Discord on loopback.

mod aborts;
mod goldens;
mod guild;
mod http;
mod outages;
mod sends;
mod shop;
