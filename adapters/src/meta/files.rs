//! Files: what customers sent is fetched from Meta, and what the shop shows is brought there.
//!
//! Nothing is fetched from elsewhere than Meta's own hosts and those the shop named; no redirect is followed; what
//! comes must be as long as it was said to be and have the hash it was said to have.

use agent_core::channel::{File, FileError};
use agent_core::digest::Digest;
use agent_core::message::MediaRef;
use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use reqwest::{RequestBuilder, Url};

use super::graph::{CallError, Graph};
use super::loose::{sha256, text};

/// Where Meta keeps files; a dot before them stands for any name.
const HOSTS: [&str; 4] = [".fbsbx.com", ".fbcdn.net", ".whatsapp.net", "graph.facebook.com"];
/// What is said to the servers of files, which answer no one without.
const AGENT: &str = concat!("sutler/", env!("CARGO_PKG_VERSION"));

impl Graph {
    /// A file of a customer's, by its id at Meta or its link there; `most` tells how long one of a type may be.
    ///
    /// # Errors
    /// When it is gone, is not what it was said to be, or can't be had now.
    pub async fn file(
        &self,
        media: &MediaRef,
        most: impl Fn(&str) -> u64,
    ) -> Result<File, FileError> {
        if media.id.starts_with("https://") || media.id.starts_with("http://") {
            return self.metas(media, most(&media.mime)).await;
        }
        if media.id.is_empty() || !media.id.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return Err(FileError::Gone("the platform named no file".to_owned()));
        }
        let told = self.get(&media.id).await.map_err(|error| match error {
            CallError::Refused(error, _) => FileError::Gone(error.message),
            error => FileError::Unavailable(error.to_string()),
        })?;
        let told = MediaRef {
            id: text(&told, "/url").unwrap_or_default(),
            mime: text(&told, "/mime_type").unwrap_or_else(|| media.mime.clone()),
            // A number, written as a string.
            bytes: text(&told, "/file_size").and_then(|size| size.parse().ok()).or(media.bytes),
            sha256: text(&told, "/sha256").and_then(|hash| sha256(&hash)).or(media.sha256),
            ..media.clone()
        };
        if media.sha256.is_some() && told.sha256 != media.sha256 {
            return Err(FileError::Refused("it is another file than the message told".to_owned()));
        }
        self.metas(&told, most(&told.mime)).await
    }

    /// What lies at a link on one of Meta's hosts.
    async fn metas(&self, media: &MediaRef, most: u64) -> Result<File, FileError> {
        let url = link(media)?;
        if !self.is_metas(&url) {
            return Err(elsewhere(&url));
        }
        self.fetched(self.http().get(url).bearer_auth(self.token()), media, most).await
    }

    /// What lies at a link of the shop's, on one of these hosts. Whoever wrote the link, our key is not sent there.
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub(crate) async fn shown(
        &self,
        media: &MediaRef,
        hosts: &[String],
        most: u64,
    ) -> Result<File, FileError> {
        let url = link(media)?;
        let named = url.host_str().is_some_and(|host| hosts.iter().any(|it| it == host));
        // This very machine needs no TLS.
        let safe = url.scheme() == "https" || url.host_str() == Some("127.0.0.1");
        if !(named && safe) {
            return Err(elsewhere(&url));
        }
        self.fetched(self.http().get(url), media, most).await
    }

    async fn fetched(
        &self,
        asked: RequestBuilder,
        media: &MediaRef,
        most: u64,
    ) -> Result<File, FileError> {
        let asked = asked.header(USER_AGENT, AGENT);
        let unavailable =
            |error: reqwest::Error| FileError::Unavailable(error.without_url().to_string());
        let wait = self.late();
        let asked = async {
            let mut response = asked.send().await.map_err(unavailable)?;
            let status = response.status();
            if status.is_client_error() {
                return Err(FileError::Gone(format!("HTTP {status}")));
            }
            if !status.is_success() {
                return Err(FileError::Unavailable(format!("HTTP {status}")));
            }
            let length = response.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok());
            if length.and_then(|it| it.parse::<u64>().ok()).is_some_and(|length| length > most) {
                return Err(FileError::Refused(format!("it is longer than {most} bytes")));
            }
            let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
            let mime = if media.mime.ends_with("/*") { kind } else { None };
            let mime = mime.unwrap_or(&media.mime).to_owned();
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
                if (bytes.len() + chunk.len()) as u64 > most {
                    return Err(FileError::Refused(format!("it is longer than {most} bytes")));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(File { mime, bytes: bytes.into() })
        };
        let file = tokio::select! {
            file = asked => file?,
            () = wait => return Err(FileError::Unavailable("it took too long".to_owned())),
        };
        whole(&file.bytes, media)?;
        Ok(file)
    }

    /// Brings a file to a number under its name; its id there is good for 30 days.
    ///
    /// # Errors
    /// When it was refused, or nobody knows.
    pub(crate) async fn brought(
        &self,
        number: &str,
        (file, name): (&File, Option<&str>),
    ) -> Result<String, CallError> {
        // A line that the file does not hold: its own hash.
        let boundary = format!("sutler-{}", Digest::of(&file.bytes));
        let mime: String = file.mime.chars().filter(|c| !c.is_control() && *c != '"').collect();
        let field = |name: &str, value: &str| {
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        };
        let mut body = field("messaging_product", "whatsapp") + &field("type", &mime);
        // The name is one that `filename` made plain.
        let name = name.unwrap_or("file");
        body += &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: {mime}\r\n\r\n"
        );
        let mut body = body.into_bytes();
        body.extend_from_slice(&file.bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        let answer = self.send(&format!("{number}/media"), &kind, body.into()).await?;
        text(&answer, "/id").ok_or_else(|| CallError::Unknown("no id of the file".to_owned()))
    }

    /// Whether it lies at Meta, or where the Graph API itself is.
    fn is_metas(&self, url: &Url) -> bool {
        let ours = Url::parse(self.base_url()).is_ok_and(|ours| ours.origin() == url.origin());
        let host = url.host_str().unwrap_or_default();
        let metas = HOSTS.iter().any(|it| match it.strip_prefix('.') {
            Some(_) => host.ends_with(it),
            None => host == *it,
        });
        ours || (url.scheme() == "https" && metas)
    }
}

fn link(media: &MediaRef) -> Result<Url, FileError> {
    Url::parse(&media.id).map_err(|error| FileError::Refused(error.to_string()))
}

fn elsewhere(url: &Url) -> FileError {
    FileError::Refused(format!("nothing is fetched from `{}`", url.host_str().unwrap_or_default()))
}

/// Whether it is what it was said to be.
fn whole(bytes: &Bytes, media: &MediaRef) -> Result<(), FileError> {
    let length = bytes.len() as u64;
    if media.bytes.is_some_and(|told| told != length) {
        return Err(FileError::Refused(format!("it has {length} bytes, and not as many as told")));
    }
    if media.sha256.is_some_and(|told| told != Digest::of(bytes)) {
        return Err(FileError::Refused("it has not the hash that was told".to_owned()));
    }
    Ok(())
}
