//! The tables, in types that mean the same to MySQL and SQLite. The migrations are the truth; this file says what of
//! it the queries use.

diesel::table! {
    users (user_id) {
        user_id -> Binary,
        full_name -> Text,
        email -> Text,
        password -> Text,
        role -> Text,
        last_login -> Nullable<Timestamp>,
        status -> Text,
        is_active -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        phone -> Nullable<Text>,
        time_zone -> Text,
        email_verified_at -> Nullable<Timestamp>,
        search_key -> Text,
        notices -> Nullable<Text>,
    }
}

diesel::table! {
    user_streams (user_id) {
        user_id -> Binary,
        last_seq -> BigInt,
        pruned_seq -> BigInt,
        jobs_pending -> BigInt,
        jobs_running -> BigInt,
        jobs_completed -> BigInt,
        jobs_failed -> BigInt,
        jobs_cancelled -> BigInt,
        endpoints -> Integer,
        runs_running -> BigInt,
        incidents -> BigInt,
        notice_extra -> Integer,
    }
}

diesel::table! {
    manage_otp (id) {
        id -> Binary,
        otp -> Text,
        created_by -> Nullable<Binary>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        purpose -> Text,
        channel -> Text,
        challenge -> Text,
        attempts -> Integer,
        sent_at -> Timestamp,
        expires_at -> Timestamp,
        consumed_at -> Nullable<Timestamp>,
        pending -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (session_id) {
        session_id -> Binary,
        user_id -> Binary,
        nonce -> Binary,
        generation -> Integer,
        rotated_at -> Timestamp,
        grace_used -> Bool,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
        user_agent -> Nullable<Text>,
        ip -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (job_id) {
        job_id -> Binary,
        job_name -> Text,
        priority -> Text,
        description -> Nullable<Text>,
        payload -> Nullable<Text>,
        status -> Text,
        completed_at -> Nullable<Timestamp>,
        created_by -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        executor -> Text,
        schedule -> Nullable<Text>,
        retry -> Text,
        timeout_seconds -> Nullable<Integer>,
        overlap -> Text,
        catch_up -> Text,
        next_run_at -> Nullable<Timestamp>,
        paused_at -> Nullable<Timestamp>,
        version -> BigInt,
        tags -> Text,
        external_id -> Nullable<Text>,
        deleted_at -> Nullable<Timestamp>,
        last_run_id -> Nullable<Binary>,
        active_runs -> Integer,
        waiting_runs -> Integer,
        name_key -> Text,
        search_key -> Text,
        due_at -> Nullable<Timestamp>,
        scheduled_from -> Nullable<Timestamp>,
        pause_reason -> Nullable<Text>,
        paused_by -> Nullable<Binary>,
        max_running -> Nullable<Integer>,
        run_timeout_seconds -> Nullable<Integer>,
        notices -> Nullable<Text>,
    }
}

diesel::table! {
    job_tags (created_by, tag, job_id) {
        created_by -> Binary,
        tag -> Text,
        job_id -> Binary,
    }
}

diesel::table! {
    runs (run_id) {
        run_id -> Binary,
        job_id -> Binary,
        user_id -> Binary,
        job_name -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        trigger_type -> Text,
        planned_at -> Nullable<Timestamp>,
        trigger_run_id -> Nullable<Binary>,
        trigger_user_id -> Nullable<Binary>,
        trigger_api_key_id -> Nullable<Binary>,
        attempt -> Integer,
        max_attempts -> Integer,
        crashes -> Integer,
        payload -> Nullable<Text>,
        progress -> Nullable<Integer>,
        result -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        retry_at -> Nullable<Timestamp>,
        cancel_requested_at -> Nullable<Timestamp>,
        lease_token -> Nullable<Binary>,
        lease_until -> Nullable<Timestamp>,
        node_id -> Nullable<Binary>,
        claim_key -> Nullable<BigInt>,
        attempts -> Text,
        active_job_id -> Nullable<Binary>,
        claim_user -> Nullable<Binary>,
        queue -> Nullable<Text>,
        worker_key -> Nullable<BigInt>,
        worker_name -> Nullable<Text>,
        lease_seconds -> Nullable<Integer>,
        timeout_at -> Nullable<Timestamp>,
        deadline_at -> Nullable<Timestamp>,
        progress_message -> Nullable<Text>,
        duration_ms -> Nullable<Integer>,
        log_lines -> Integer,
        log_bytes -> Integer,
    }
}

diesel::table! {
    events (user_id, seq) {
        user_id -> Binary,
        seq -> BigInt,
        event_id -> Binary,
        #[sql_name = "type"]
        kind -> Text,
        occurred_at -> Timestamp,
        job_id -> Nullable<Binary>,
        run_id -> Nullable<Binary>,
        data -> Text,
    }
}

diesel::table! {
    run_stats (user_id, grain_seconds, bucket_at) {
        user_id -> Binary,
        grain_seconds -> Integer,
        bucket_at -> Timestamp,
        completed -> BigInt,
        failed -> BigInt,
        cancelled -> BigInt,
    }
}

diesel::table! {
    webhook_endpoints (webhook_id) {
        webhook_id -> Binary,
        user_id -> Binary,
        url -> Text,
        types -> Text,
        description -> Nullable<Text>,
        sealed_headers -> Nullable<Text>,
        secrets -> Text,
        enabled -> Bool,
        disabled_reason -> Nullable<Text>,
        failing_since -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    webhook_stats (webhook_id, hour_at) {
        webhook_id -> Binary,
        hour_at -> Timestamp,
        delivered -> Integer,
        given_up -> Integer,
        attempts -> Integer,
        failed_attempts -> Integer,
        durations -> Text,
        last_success_at -> Nullable<Timestamp>,
        last_failure_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_deliveries (delivery_id) {
        delivery_id -> Binary,
        webhook_id -> Binary,
        user_id -> Binary,
        event_seq -> BigInt,
        event_id -> Binary,
        #[sql_name = "type"]
        kind -> Text,
        status -> Text,
        next_attempt_at -> Nullable<Timestamp>,
        lease -> Nullable<Binary>,
        attempts -> Text,
        attempt_count -> Integer,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    nodes (node_id) {
        node_id -> Binary,
        name -> Text,
        version -> Text,
        started_at -> Timestamp,
        seen_at -> Timestamp,
        concurrency -> Integer,
        running -> Integer,
        stats -> Nullable<Text>,
        stopped_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    occurrences (occurrence_id) {
        occurrence_id -> Binary,
        job_id -> Binary,
        user_id -> Binary,
        planned_at -> Timestamp,
        last_planned_at -> Nullable<Timestamp>,
        count -> Integer,
        outcome -> Text,
        reason -> Nullable<Text>,
        run_id -> Nullable<Binary>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    run_logs (run_id, line) {
        run_id -> Binary,
        line -> Integer,
        logged_at -> Timestamp,
        level -> Text,
        text -> Text,
    }
}

diesel::table! {
    queues (user_id, queue) {
        user_id -> Binary,
        queue -> Text,
        max_running -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    bulk_operations (bulk_operation_id) {
        bulk_operation_id -> Binary,
        user_id -> Binary,
        action -> Text,
        params -> Text,
        target -> Text,
        status -> Text,
        matched -> Integer,
        matched_exactly -> Bool,
        done -> Integer,
        failed -> Integer,
        errors -> Text,
        after_key -> Nullable<Text>,
        asked -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        lease_token -> Nullable<Binary>,
        lease_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    job_links (secret_hash) {
        secret_hash -> Binary,
        job_id -> Binary,
        user_id -> Binary,
        kind -> Text,
        last4 -> Text,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    incidents (job_id) {
        job_id -> Binary,
        user_id -> Binary,
        opened_at -> Timestamp,
        troubles -> Text,
        failures -> Integer,
        latest -> Text,
        remind_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notices (notice_id) {
        notice_id -> Binary,
        user_id -> Binary,
        job_id -> Binary,
        kind -> Text,
        facts -> Text,
        created_at -> Timestamp,
        status -> Text,
        due_at -> Nullable<Timestamp>,
        lease -> Nullable<Binary>,
        tries -> Integer,
        sent_at -> Nullable<Timestamp>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    api_keys (api_key_id) {
        api_key_id -> Binary,
        user_id -> Binary,
        name -> Text,
        key_hash -> Binary,
        prefix -> Text,
        last4 -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    idempotency_keys (user_id, key_hash) {
        user_id -> Binary,
        key_hash -> Binary,
        fingerprint -> Binary,
        claim -> Nullable<Binary>,
        locked_until -> Nullable<Timestamp>,
        status -> Nullable<Integer>,
        headers -> Nullable<Text>,
        body -> Nullable<Text>,
        scopes -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    audit_log (audit_id) {
        audit_id -> Binary,
        user_id -> Binary,
        recorded_at -> Timestamp,
        action -> Text,
        actor_type -> Text,
        actor_user_id -> Nullable<Binary>,
        actor_id -> Nullable<Binary>,
        target_type -> Nullable<Text>,
        target_id -> Nullable<Binary>,
        target_name -> Nullable<Text>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        bulk_operation_id -> Nullable<Binary>,
        changes -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(api_keys, users);
diesel::allow_tables_to_appear_in_same_query!(events, user_streams);
diesel::allow_tables_to_appear_in_same_query!(job_links, jobs);
diesel::allow_tables_to_appear_in_same_query!(jobs, runs, job_tags);
diesel::allow_tables_to_appear_in_same_query!(run_logs, runs);
diesel::allow_tables_to_appear_in_same_query!(sessions, users);
diesel::allow_tables_to_appear_in_same_query!(webhook_deliveries, webhook_endpoints, events);
