//! The migrations of both databases, built into the program. They have the same names, in lockstep.

use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub(crate) const MYSQL: EmbeddedMigrations = embed_migrations!("../../migrations/mysql");
pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The names of all migrations, oldest first.
pub fn names() -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations().unwrap_or_default();
    migrations
        .iter()
        .map(|migration| migration.name().to_string())
        .collect()
}

/// Those of all migrations whose version is not among the applied ones.
pub(crate) fn pending(applied: &[String]) -> Vec<String> {
    let is_applied = |name: &String| applied.iter().any(|version| name.starts_with(version.as_str()));
    names().into_iter().filter(|name| !is_applied(name)).collect()
}
