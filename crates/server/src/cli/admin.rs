//! `migrate` and `admin create`.

use anyhow::{Context, bail};
use clap::ArgMatches;
use scheduler_domain::{
    clock::{Clock, Random, random_bytes},
    ids::UserId,
    password::{Password, PasswordContext},
    ports::PasswordHasher,
    user::{Email, Role, User, UserStatus, full_name},
    validate::FieldError,
};
use scheduler_storage::Stores;
use std::{io::Read, sync::Arc};

use super::stores;
use crate::{
    app::key_ring,
    config::Config,
    passwords::BcryptPool,
    system::{SystemClock, SystemRandom},
};

pub(super) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let applied = stores(config).await?.migrations.migrate().await?;
    for name in &applied {
        println!("applied {name}");
    }
    println!("the schema is up to date");
    Ok(())
}

pub(super) async fn create(config: &Config, arguments: &ArgMatches) -> anyhow::Result<()> {
    let email = arguments
        .get_one::<String>("email")
        .map(String::as_str)
        .unwrap_or_default();
    let email = Email::parse("EMAIL", email).map_err(told)?;
    let stores = stores(config).await?;
    stores.migrations.migrate().await?;
    let now = SystemClock.now();
    if let Some(known) = stores.users.find_by_email(&email).await? {
        stores
            .users
            .administer(known.user.user_id, Some(Role::Admin), Some(UserStatus::Active), now)
            .await?;
        println!("{email} is an administrator now; the password is what it was");
        return Ok(());
    }
    let password = if arguments.get_flag("password-stdin") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("the password cannot be read from standard input")?;
        Some(text.trim_end_matches(['\n', '\r']).to_owned())
    } else {
        None
    };
    let name = arguments
        .get_one::<String>("name")
        .cloned()
        .unwrap_or_else(|| "Administrator".to_owned());
    let generated = password.is_none();
    let password = password.unwrap_or_else(|| generate_password(&SystemRandom));
    make_account(config, &stores, &email, &name, &password, Role::Admin).await?;
    println!("{email} is an administrator now");
    if generated {
        println!("password: {password}");
        println!("It is shown only here. Log in with it, and with the code in the mail.");
    }
    Ok(())
}

/// Writes an account whose address counts as proved: whoever runs commands here may say so.
pub(super) async fn make_account(
    config: &Config,
    stores: &Stores,
    email: &Email,
    name: &str,
    password: &str,
    role: Role,
) -> anyhow::Result<UserId> {
    let context = PasswordContext {
        email: Some(email.as_str()),
        full_name: Some(name),
    };
    let password = Password::parse("password", password, &context).map_err(told)?;
    let ring = key_ring(config, &SystemRandom)?;
    let pool = BcryptPool::new(
        ring.each(|keys| keys.pepper),
        config.password_cost,
        1,
        Arc::new(SystemRandom),
    )?;
    let hash = pool.hash(password.as_str()).await?;
    let now = SystemClock.now();
    let user = User {
        user_id: UserId::new(now, &SystemRandom),
        full_name: full_name("name", name).map_err(told)?,
        email: email.clone(),
        phone: None,
        role,
        status: UserStatus::Active,
        last_login: None,
        time_zone: "UTC".to_owned(),
        email_verified_at: Some(now),
        created_at: now,
        updated_at: now,
    };
    stores.users.insert(&user, &hash).await?;
    let written = stores.users.find(user.user_id).await?;
    if written.role != role {
        bail!("the account was written with another role; this is a mistake of the program");
    }
    Ok(user.user_id)
}

/// Four groups of five letters and digits: about 100 bits.
pub(super) fn generate_password(random: &dyn Random) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let groups = random_bytes::<20>(random);
    let text = |group: &[u8]| {
        group
            .iter()
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
            .collect::<String>()
    };
    groups.chunks(5).map(text).collect::<Vec<_>>().join("-")
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err, which hands the error over")]
pub(super) fn told(error: FieldError) -> anyhow::Error {
    anyhow::anyhow!("{} {}", error.pointer, error.message)
}
