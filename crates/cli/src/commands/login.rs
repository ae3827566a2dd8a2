//! `jobs login`

use super::Context;
use crate::{
    client::{Client, Request, Tokens},
    config::{Credential, Profile, Session, Settings},
    error::{Error, Result},
    prompt,
    words::text,
};
use serde_json::json;
use std::io::IsTerminal;

/// A code works for so many tries; then the server wants a new log-in.
const TRIES: usize = 5;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address of the account; asked for when left out
    #[arg(long)]
    email: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let settings = context.client.settings();
    warn_of_plain_http(settings);
    let profile = match &settings.given_key {
        Some(key) => with_key(&context.client, key).await?,
        None => with_password(args, &context.client).await?,
    };
    let whose = match &profile.session {
        Some(session) => session.email.clone(),
        None => "an API key".to_owned(),
    };
    let lock = settings.store.lock()?;
    let mut profiles = settings.store.load()?;
    profiles.profiles.insert(settings.profile.clone(), profile);
    settings.store.save(&profiles, &lock)?;
    if context.terminal.json {
        return context
            .terminal
            .value(&json!({"url": settings.url.as_str(), "profile": settings.profile, "as": whose}));
    }
    eprintln!("Logged in at {} as {whose}.", settings.url);
    Ok(())
}

async fn with_key(client: &Client, key: &str) -> Result<Profile> {
    // A key that may not see the account is a key all the same.
    match client.get(&["me"]).await {
        Ok(_) => {}
        Err(error) if error.code() == Some("insufficient_scope") => {}
        Err(error) => return Err(error),
    }
    Ok(Profile {
        url: client.settings().url.to_string(),
        api_key: Some(key.to_owned()),
        session: None,
    })
}

async fn with_password(args: Args, client: &Client) -> Result<Profile> {
    if matches!(client.settings().credential, Credential::ApiKey(_)) && client.settings().is_from_environment {
        eprintln!("warning: JOBS_API_KEY is set, and goes before this log-in as long as it is");
    }
    let email = match args.email {
        Some(email) => email,
        None => prompt::ask("E-mail: ").await?,
    };
    let password = prompt::ask_hidden("Password: ").await?;
    let request = Request::post(&["login"]).json(&json!({"email": email, "password": password}));
    let challenge = client
        .send(request.without_key().anonymous())
        .await
        .map_err(wrong_pair)?
        .json()?;
    let mailbox = if client.settings().is_loopback() {
        format!(
            " (in developer mode it shows at {}dev/mailbox)",
            with_slash(client.settings())
        )
    } else {
        String::new()
    };
    eprintln!("A code of eight digits is on its way to {email}{mailbox}.");
    for tries_left in (0..TRIES).rev() {
        let code = prompt::ask("Code (nothing: send another one): ").await?;
        let challenge_id = text(&challenge, "challenge_id");
        if code.is_empty() {
            let request = Request::post(&["send-otp"]).json(&json!({"challenge_id": challenge_id}));
            client.send(request.without_key().anonymous()).await?;
            eprintln!("Another one is on its way; the one before does not work any more.");
            continue;
        }
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let request = Request::post(&["verify-otp"]).json(&json!({"challenge_id": challenge_id, "otp": code}));
        match client.send(request.without_key().anonymous()).await {
            Ok(answer) => {
                return Ok(Profile {
                    url: client.settings().url.to_string(),
                    api_key: None,
                    session: Some(Session::from(answer.parse::<Tokens>()?)),
                });
            }
            Err(error) if error.code() == Some("otp_invalid") && tries_left > 0 && std::io::stdin().is_terminal() => {
                eprintln!("That is not the code, or it is too old.");
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::NotLoggedIn {
        what: "the code was wrong too often".into(),
    })
}

fn wrong_pair(error: Error) -> Error {
    if error.code() == Some("invalid_credentials") {
        return Error::NotLoggedIn {
            what: "this pair of e-mail and password does not fit".into(),
        };
    }
    error
}

fn with_slash(settings: &Settings) -> String {
    format!("{}/", settings.url.as_str().trim_end_matches('/'))
}

fn warn_of_plain_http(settings: &Settings) {
    if settings.url.scheme() == "http" && !settings.is_loopback() {
        eprintln!(
            "warning: {} is not https; everybody on the way can read what is sent",
            settings.url
        );
    }
}
