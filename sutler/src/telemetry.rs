//! What is told to the operator: `tracing` events on standard error, for people or for machines.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogFormat;
use crate::environment;

/// The variable that says which events are told.
const VARIABLE: &str = "SUTLER_LOG";
/// Targets that log customers' words or keys, whatever else is asked for.
const SILENT: &str = "async_openai=off,serenity=off,tungstenite=off,tokio_tungstenite=off,hyper=off,h2=off,rustls=off,sled=warn,tantivy=warn";

/// Begins to tell: by the variable `SUTLER_LOG`, else by `filter`. Twice in one process changes nothing.
///
/// # Errors
/// When the filter can't be read.
pub fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let asked = environment::variable(VARIABLE).unwrap_or_else(|| filter.to_owned());
    let filter = EnvFilter::try_new(format!("{asked},{SILENT}"))
        .with_context(|| format!("the log filter `{asked}` can't be read"))?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // An error means that somebody in this process already tells.
    let _ = match format {
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
        LogFormat::Pretty => {
            let colour =
                std::io::stderr().is_terminal() && environment::variable("NO_COLOR").is_none();
            registry.with(layer.with_ansi(colour).with_target(false)).try_init()
        }
    };
    Ok(())
}
