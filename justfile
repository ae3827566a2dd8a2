# What can be done here. `just` lists it; without just on the machine: `npx --yes rust-just NAME`.

just := just_executable()

[private]
default:
    @{{ just }} --list --unsorted

# Build the dashboard and the server, and start it (flags go to the server: `just run --listen 127.0.0.1:9000`)
run *FLAGS:
    cargo run --package scheduler-server -- {{ FLAGS }}

# Install what the tests need and run every test: domain, storage and API on both databases, dashboard, browser
test:
    scripts/test

# The rules alone: seconds, no database, network, Node or async runtime
test-domain:
    cargo test --package scheduler-domain

# The storage on SQLite and on a private MariaDB
test-storage:
    scripts/with-mariadb scripts/rust-tests --package scheduler-storage --package scheduler-tests --lib --test storage --test migrations

# The storage and API tests against a real MySQL (../shared/tools/real-mysql.sh)
mysql-real:
    scripts/mysql-real

# Kill and freeze servers and databases under load, for long (`just test` does it for a minute)
chaos CYCLES="200" SEED="1":
    CHAOS_CYCLES={{ CYCLES }} CHAOS_SEED={{ SEED }} scripts/with-mariadb cargo test --package scheduler-tests --test chaos -- --test-threads 1 --nocapture

# Formatting, clippy, eslint, tsc
lint: lint-rust lint-web

[private]
lint-rust:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- --deny warnings

[private]
[working-directory('web-ui')]
lint-web:
    test -d node_modules || npm ci --ignore-scripts
    npm run lint
    npm run typecheck

# Which crate may depend on what
layers:
    scripts/layers

# Licences, bans and advisories of every dependency (needs cargo-deny)
deny:
    cargo deny check

# Requests per second, latencies, memory and the engine against its floors, on SQLite and MariaDB (`just bench quick` for a
# short one, `just bench full drain` for one part: api engine start creates lateness webhooks drain memory history)
bench MODE="full" PART="":
    cargo build --release --package scheduler-server --package scheduler-tests --bin job-scheduler --bin bench
    scripts/with-mariadb --optional target/release/bench target/release/job-scheduler {{ MODE }} {{ PART }}

# Hold a running server against openapi.json with schemathesis, for some minutes; the answers of every operation are looked at
contract *FLAGS:
    scripts/contract {{ FLAGS }}

# Build the binary as it is shipped, small and slow to build: target/dist/job-scheduler
release:
    cargo build --profile dist --locked --package scheduler-server

# Write openapi.json anew from the code
openapi:
    cargo run --quiet --package scheduler-server -- openapi > target/openapi.json
    mv target/openapi.json openapi.json

# Drive the dashboard in headless Chromium and keep its pictures in docs/images
screenshots:
    scripts/install-test-packages
    scripts/browser-tests --screenshots
