//! One call of the Bot API, sent by teloxide.

use agent_core::message::MediaRef;
use teloxide::prelude::Requester as _;
use teloxide::types::{
    ButtonRequest, ChatId, FileId, InputFile, InputMedia, InputMediaPhoto, KeyboardButton,
    KeyboardMarkup, LinkPreviewOptions, ReplyMarkup, ReplyParameters,
};
use teloxide::{Bot, RequestError};
use url::Url;

use super::fault;
use super::marks::Marked;
use super::render::{Call, PLACE};

/// Sends one call; the number of the message it made, of an album the first one's.
pub(super) async fn send(
    bot: &Bot,
    chat: i64,
    call: &Call,
    reply: Option<ReplyParameters>,
) -> Result<Option<i32>, RequestError> {
    let to = ChatId(chat);
    let sent = match call {
        Call::Text { words, keyboard, preview } => {
            let mut send = bot.send_message(to, &words.text);
            send.entities = Some(words.entities.clone()).filter(|entities| !entities.is_empty());
            send.link_preview_options = (!preview).then(unseen);
            send.reply_markup = keyboard.clone().map(ReplyMarkup::InlineKeyboard);
            send.reply_parameters = reply;
            send.await.map(|message| message.id.0)
        }
        Call::Photo { url, words, keyboard } => {
            let mut send = bot.send_photo(to, InputFile::url(url.clone()));
            (send.caption, send.caption_entities) = caption(words);
            send.reply_markup = keyboard.clone().map(ReplyMarkup::InlineKeyboard);
            send.reply_parameters = reply;
            send.await.map(|message| message.id.0)
        }
        Call::Album(pictures) => {
            let media = pictures.iter().map(|(url, caption)| {
                let photo = InputMediaPhoto::new(InputFile::url(url.clone()));
                InputMedia::Photo(photo.caption(caption.clone()))
            });
            let mut send = bot.send_media_group(to, media);
            send.reply_parameters = reply;
            send.await.map(|messages| messages.first().map_or(0, |message| message.id.0))
        }
        Call::File { media, words } => file(bot, to, (media, words), reply).await,
        Call::AskLocation(words) => {
            let mut send = bot.send_message(to, &words.text);
            send.entities = Some(words.entities.clone()).filter(|entities| !entities.is_empty());
            // Only a person's own chat, whose number is the person's, can be asked for a place.
            send.reply_markup = (chat > 0).then(|| ReplyMarkup::Keyboard(place()));
            send.reply_parameters = reply;
            send.await.map(|message| message.id.0)
        }
    };
    match sent {
        Ok(number) => Ok(Some(number).filter(|number| *number > 0)),
        Err(RequestError::InvalidJson { raw, source }) => match fault::accepted(&raw) {
            Some(number) => Ok(Some(number)),
            None => Err(RequestError::InvalidJson { raw, source }),
        },
        Err(error) => Err(error),
    }
}

async fn file(
    bot: &Bot,
    to: ChatId,
    (media, words): (&MediaRef, &Marked),
    reply: Option<ReplyParameters>,
) -> Result<i32, RequestError> {
    let file = match Url::parse(&media.id) {
        Ok(url) if url.has_host() => InputFile::url(url),
        _ => InputFile::file_id(FileId(media.id.clone())),
    };
    macro_rules! send {
        ($method:ident) => {{
            let mut send = bot.$method(to, file);
            (send.caption, send.caption_entities) = caption(words);
            send.reply_parameters = reply;
            send.await.map(|message| message.id.0)
        }};
    }
    match media.mime.split('/').next() {
        Some("image") => send!(send_photo),
        Some("video") => send!(send_video),
        Some("audio") => send!(send_audio),
        _ => send!(send_document),
    }
}

fn caption(words: &Marked) -> (Option<String>, Option<Vec<teloxide::types::MessageEntity>>) {
    let text = Some(words.text.clone()).filter(|text| !text.is_empty());
    (text, Some(words.entities.clone()).filter(|entities| !entities.is_empty()))
}

fn unseen() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn place() -> KeyboardMarkup {
    let button = KeyboardButton::new(PLACE).request(ButtonRequest::Location);
    KeyboardMarkup::new([[button]]).resize_keyboard().one_time_keyboard()
}
