//! The command line.

mod admin;
mod demo;
mod doctor;
mod health;

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::{io::Write, path::PathBuf};

use crate::{
    app::{App, stop_on_signals},
    config::{Config, KEYS, Setting, Values},
    http::openapi,
    telemetry,
};

fn command() -> Command {
    let email = || Arg::new("email").required(true).value_name("EMAIL");
    let flags = KEYS.iter().map(|key| {
        let help = match key.default {
            Some("") | None => format!(
                "{} [default: {}]",
                key.help,
                if key.default_note.is_empty() {
                    "none"
                } else {
                    key.default_note
                }
            ),
            Some(default) => format!("{} [default: {default}]", key.help),
        };
        Arg::new(key.name)
            .long(key.flag())
            .value_name("VALUE")
            .global(true)
            .help(format!("{help} [env: {}]", key.variable()))
            .help_heading("Configuration")
    });
    Command::new("job-scheduler")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Runs jobs when they should run, and tells everybody who cares")
        .after_help("Without a command the server starts. Flags go before environment, environment before file, file before defaults.")
        .arg(Arg::new("config").long("config").global(true).value_name("FILE").help("Configuration file, TOML [env: SCHED_CONFIG] [default: ./job-scheduler.toml, if it is there]"))
        .args(flags)
        .subcommand(Command::new("serve").about("Starts the server (the default)"))
        .subcommand(Command::new("migrate").about("Brings the schema of the database up to date"))
        .subcommand(
            Command::new("admin").about("Administrators").subcommand_required(true).subcommand(
                Command::new("create")
                    .about("Makes an administrator, or makes an account one; prints a password for a new account")
                    .arg(email())
                    .arg(Arg::new("name").long("name").value_name("NAME").help("Full name of a new account"))
                    .arg(Arg::new("password-stdin").long("password-stdin").action(ArgAction::SetTrue).help("Reads the password of a new account from standard input")),
            ),
        )
        .subcommand(
            Command::new("demo")
                .about("Sample data to look around with")
                .subcommand_required(true)
                .subcommand(Command::new("seed").about("Makes sample jobs and starts runs of them").arg(Arg::new("email").long("email").value_name("EMAIL").help("For this account [default: a new account demo@example.com]")))
                .subcommand(Command::new("clear").about("Deletes the sample jobs again").arg(Arg::new("email").long("email").value_name("EMAIL").help("Of this account [default: demo@example.com]"))),
        )
        .subcommand(Command::new("doctor").about("Looks for what is wrong or missing, and says how to mend it"))
        .subcommand(
            Command::new("config").about("The configuration").subcommand_required(true).subcommand(
                Command::new("print").about("Shows every value and where it comes from; secrets are masked"),
            ),
        )
        .subcommand(Command::new("openapi").about("Prints the OpenAPI document"))
        .subcommand(Command::new("healthcheck").about("Asks the server that runs here whether it is ready; for containers"))
}

/// Reads the command line, gathers the configuration and does what was asked.
pub fn run() -> anyhow::Result<()> {
    let matches = command().get_matches();
    if let Some(("openapi", _)) = matches.subcommand() {
        return print_all(openapi::text());
    }
    let values = gather(&matches)?;
    if let Some(("config", _)) = matches.subcommand() {
        print_config(&values);
    }
    let config = Config::from_values(&values)?;
    if let Some(("config", _)) = matches.subcommand() {
        return Ok(());
    }
    telemetry::start(&config.log, config.log_json)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match matches.subcommand() {
            None | Some(("serve", _)) => serve(config).await,
            Some(("migrate", _)) => admin::migrate(&config).await,
            Some(("admin", sub)) => match sub.subcommand() {
                Some((_, create)) => admin::create(&config, create).await,
                None => Ok(()),
            },
            Some(("demo", sub)) => match sub.subcommand() {
                Some(("seed", arguments)) => demo::seed(&config, arguments.get_one::<String>("email")).await,
                Some((_, arguments)) => demo::clear(&config, arguments.get_one::<String>("email")).await,
                None => Ok(()),
            },
            Some(("doctor", _)) => doctor::run(&config, &values).await,
            Some(("healthcheck", _)) => health::check(&config).await,
            Some((other, _)) => anyhow::bail!("{other} is not a command"),
        }
    })
}

/// Prints a long text; a reader that has seen enough (`| head`) is no failure.
fn print_all(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let stop = stop_on_signals()?;
    let app = App::build(config).await?;
    app.print_banner();
    app.run_until_stopped(stop).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the configuration is the only reader of the environment, and this is its door"
)]
fn gather(matches: &ArgMatches) -> anyhow::Result<Values> {
    let flags: Vec<(&'static str, String)> = KEYS
        .iter()
        .filter_map(|key| {
            matches
                .get_one::<String>(key.name)
                .map(|value| (key.name, value.clone()))
        })
        .collect();
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let named = matches
        .get_one::<String>("config")
        .cloned()
        .or_else(|| std::env::var("SCHED_CONFIG").ok());
    let file = match named {
        Some(path) => Some(PathBuf::from(path)),
        None => Some(PathBuf::from("job-scheduler.toml")).filter(|path| path.is_file()),
    };
    Values::gather(&flags, &environment, file.as_deref())
}

fn print_config(values: &Values) {
    let shown: Vec<_> = values
        .shown()
        .into_iter()
        .map(|Setting { key, value, source }| {
            let value = value.unwrap_or_else(|| format!("({})", key.default_note));
            (key, value, source)
        })
        .collect();
    let width = shown.iter().map(|(key, ..)| key.name.len()).max().unwrap_or_default();
    let value_width = shown
        .iter()
        .map(|(_, value, _)| value.chars().count())
        .max()
        .unwrap_or_default()
        .min(48);
    for (key, value, source) in shown {
        println!("{:width$}  {value:value_width$}  {source}", key.name);
    }
}

/// Opens the database of the configuration for a command, without a server. Nobody listens to its commits.
async fn stores(config: &Config) -> anyhow::Result<scheduler_storage::Stores> {
    use crate::system::SystemRandom;
    use scheduler_domain::ports::{CommitListener, Committed};
    use std::sync::Arc;

    struct Nobody;
    impl CommitListener for Nobody {
        fn committed(&self, _: &Committed) {}
    }

    if let Some(file) = config.database_file() {
        crate::data_dir::create_private(&config.data_dir)?;
        crate::data_dir::make_database_private(&file)?;
    }
    let store = scheduler_storage::StoreConfig::new(&config.database_url);
    scheduler_storage::Store::connect(&store, Arc::new(SystemRandom), Arc::new(Nobody))
        .await
        .with_context(|| format!("the database {} cannot be opened", store.masked_url()))
}
