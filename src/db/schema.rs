//! The tables, as both databases have them. Kept by hand beside the migrations; a test compares.
#![expect(missing_docs, reason = "the columns are explained in the migrations")]

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        full_name -> Text,
        password_hash -> Nullable<Text>,
        is_admin -> Bool,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        totp_secret -> Nullable<Text>,
        totp_enabled_at -> Nullable<Timestamp>,
        totp_last_step -> Nullable<BigInt>,
        password_changed_at -> Nullable<Timestamp>,
        last_login_at -> Nullable<Timestamp>,
        is_service -> Bool,
        tokens_suspended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    emails (id) {
        id -> BigInt,
        user_id -> BigInt,
        address -> Text,
        address_key -> Text,
        is_primary -> Bool,
        verified_at -> Nullable<Timestamp>,
        unverify_reason -> Nullable<Text>,
        created_at -> Timestamp,
        domain -> Nullable<Text>,
        unverified_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        digest -> Text,
        user_id -> BigInt,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
        confirmed_at -> Timestamp,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        data -> Text,
    }
}

diesel::table! {
    remembered_devices (id) {
        id -> BigInt,
        digest -> Text,
        user_id -> BigInt,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> BigInt,
        user_id -> BigInt,
        hash -> Text,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    links (digest) {
        digest -> Text,
        purpose -> Text,
        user_id -> BigInt,
        email_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        digest -> Text,
        first_admin -> Bool,
        created_by -> Nullable<BigInt>,
        note -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        used_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    security_events (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        username -> Text,
        tag -> Text,
        at -> Timestamp,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    throttle (kind, key, minute) {
        kind -> Text,
        key -> Text,
        minute -> Timestamp,
        count -> BigInt,
    }
}

diesel::table! {
    projects (id) {
        id -> BigInt,
        name -> Text,
        normalized -> Text,
        created_at -> Timestamp,
        last_serial -> BigInt,
        confusable -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        max_file_size -> Nullable<BigInt>,
        max_project_size -> Nullable<BigInt>,
        held_status -> Nullable<Text>,
        held_reason -> Nullable<Text>,
    }
}

diesel::table! {
    roles (id) {
        id -> BigInt,
        project_id -> BigInt,
        user_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    role_invitations (id) {
        id -> BigInt,
        project_id -> BigInt,
        user_id -> Nullable<BigInt>,
        address -> Nullable<Text>,
        address_key -> Nullable<Text>,
        role -> Text,
        invited_by -> Nullable<BigInt>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    former_projects (normalized) {
        normalized -> Text,
        deleted_at -> Timestamp,
    }
}

diesel::table! {
    former_owners (normalized, user_id) {
        normalized -> Text,
        user_id -> BigInt,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        label -> Text,
        digest -> Text,
        scope -> Text,
        all_projects -> Bool,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    token_projects (token_id, project_id) {
        token_id -> BigInt,
        project_id -> BigInt,
    }
}

diesel::table! {
    releases (id) {
        id -> BigInt,
        project_id -> BigInt,
        version -> Text,
        version_key -> Text,
        created_at -> Timestamp,
        metadata -> Text,
        metadata_from -> Text,
        summary -> Text,
        yanked -> Nullable<Text>,
    }
}

diesel::table! {
    release_classifiers (classifier, release_id) {
        release_id -> BigInt,
        classifier -> Text,
    }
}

diesel::table! {
    files (id) {
        id -> BigInt,
        release_id -> BigInt,
        filename -> Text,
        package_type -> Text,
        python_version -> Text,
        requires_python -> Nullable<Text>,
        size -> BigInt,
        sha256 -> Text,
        md5 -> Text,
        blake2_256 -> Text,
        metadata_blake2_256 -> Nullable<Text>,
        metadata_sha256 -> Nullable<Text>,
        uploaded_at -> Timestamp,
        uploaded_by -> Nullable<BigInt>,
        uploaded_via -> Text,
        yanked -> Nullable<Text>,
    }
}

diesel::table! {
    file_names (filename) {
        filename -> Text,
        project -> Text,
        first_used_at -> Timestamp,
    }
}

diesel::table! {
    prohibited_names (normalized) {
        normalized -> Text,
        reason -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    journal (serial) {
        serial -> BigInt,
        project -> Text,
        normalized -> Text,
        version -> Nullable<Text>,
        action -> Text,
        actor -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    journal_counter (id) {
        id -> BigInt,
        last_serial -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Nullable<Text>,
        fencing -> BigInt,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    job_runs (id) {
        id -> BigInt,
        job -> Text,
        holder -> Text,
        fencing -> BigInt,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        result -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        recipient -> Text,
        subject -> Text,
        body -> Nullable<Text>,
        message_id -> Text,
        queued_at -> Timestamp,
        attempts -> BigInt,
        next_at -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        failed_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    admin_acts (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_id -> Nullable<BigInt>,
        actor -> Text,
        ip -> Nullable<Text>,
        act -> Text,
        target -> Text,
        reason -> Text,
        detail -> Text,
    }
}

diesel::table! {
    site_flags (name) {
        name -> Text,
        words -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    reserved_prefixes (prefix) {
        prefix -> Text,
        reason -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    prefix_holders (prefix, user_id) {
        prefix -> Text,
        user_id -> BigInt,
    }
}

diesel::table! {
    service_accounts (user_id) {
        user_id -> BigInt,
        owner_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    search_entries (id) {
        id -> BigInt,
        normalized -> Text,
        name -> Text,
        version -> Text,
        summary -> Text,
        keywords -> Text,
        requires_python -> Nullable<Text>,
        status -> Text,
        updated_at -> Timestamp,
        marks -> Text,
    }
}

diesel::table! {
    domains (name) {
        name -> Text,
        queue -> BigInt,
        next_due -> Timestamp,
        asked_at -> Nullable<Timestamp>,
        answered_at -> Nullable<Timestamp>,
        said -> Nullable<Text>,
        finding -> Nullable<Text>,
        registered_at -> Nullable<Timestamp>,
        doubtful_since -> Nullable<Timestamp>,
        failures -> BigInt,
        last_error -> Nullable<Text>,
        verdict -> Nullable<Text>,
        held_back_at -> Nullable<Timestamp>,
        acted_at -> Nullable<Timestamp>,
        action -> Nullable<Text>,
    }
}

diesel::table! {
    search_state (id) {
        id -> BigInt,
        serial -> BigInt,
    }
}

diesel::table! {
    domain_totals (id) {
        id -> BigInt,
        asked -> BigInt,
        failed -> BigInt,
        unverified -> BigInt,
        collected_by -> Nullable<Text>,
    }
}

diesel::table! {
    download_files (file_id) {
        file_id -> BigInt,
        project_id -> BigInt,
        project -> Text,
        version -> Text,
        version_key -> Text,
        filename -> Text,
        sha256 -> Text,
        blake2_256 -> Text,
    }
}

diesel::table! {
    download_days (file_id, day) {
        file_id -> BigInt,
        day -> Timestamp,
        count -> BigInt,
    }
}

diesel::table! {
    download_sums (project_id, day) {
        project_id -> BigInt,
        day -> Timestamp,
        count -> BigInt,
    }
}

diesel::table! {
    downloads (id) {
        id -> BigInt,
        file_id -> BigInt,
        username -> Text,
        token_id -> Nullable<BigInt>,
        at -> Timestamp,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    mirror_pages (id) {
        id -> BigInt,
        name -> Text,
        upstream -> Text,
        page -> Binary,
        etag -> Nullable<Text>,
        checked_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    mirror_files (id) {
        id -> BigInt,
        project -> Text,
        version -> Text,
        version_key -> Text,
        filename -> Text,
        path -> Text,
        url -> Text,
        sha256 -> Text,
        blake2_256 -> Text,
        size -> BigInt,
        metadata_blake2_256 -> Nullable<Text>,
        metadata_sha256 -> Nullable<Text>,
        stored_at -> Timestamp,
        used_at -> Timestamp,
        is_pinned -> Bool,
    }
}

diesel::table! {
    mirror_digests (path) {
        path -> Text,
        sha256 -> Text,
    }
}

diesel::table! {
    mirror_rules (id) {
        id -> BigInt,
        action -> Text,
        project -> Text,
        version -> Nullable<Text>,
        filename -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        reason -> Text,
        until -> Nullable<Timestamp>,
        actor -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    mirror_changes (id) {
        id -> BigInt,
        serial -> BigInt,
        names -> BigInt,
    }
}

diesel::table! {
    schema_level (id) {
        id -> BigInt,
        oldest -> Text,
        oldest_version -> Text,
        upgraded_by -> Text,
    }
}

diesel::table! {
    unused_copies (id) {
        id -> BigInt,
        made_at -> Timestamp,
        serial -> BigInt,
        counts -> Text,
    }
}

diesel::joinable!(downloads -> download_files (file_id));
diesel::joinable!(downloads -> tokens (token_id));
diesel::joinable!(prefix_holders -> users (user_id));
diesel::joinable!(emails -> users (user_id));
diesel::joinable!(roles -> projects (project_id));
diesel::joinable!(roles -> users (user_id));
diesel::joinable!(role_invitations -> projects (project_id));
diesel::joinable!(role_invitations -> users (user_id));
diesel::joinable!(tokens -> users (user_id));
diesel::joinable!(token_projects -> tokens (token_id));
diesel::joinable!(token_projects -> projects (project_id));
diesel::joinable!(releases -> projects (project_id));
diesel::joinable!(release_classifiers -> releases (release_id));
diesel::joinable!(files -> releases (release_id));
diesel::joinable!(files -> users (uploaded_by));

diesel::allow_tables_to_appear_in_same_query!(
    domains,
    download_files,
    downloads,
    emails,
    invitations,
    files,
    journal,
    prefix_holders,
    projects,
    release_classifiers,
    releases,
    role_invitations,
    roles,
    token_projects,
    tokens,
    users,
);

diesel::allow_tables_to_appear_in_same_query!(
    former_owners,
    former_projects,
    mirror_files,
    mirror_pages,
    mirror_rules,
    prohibited_names,
    projects,
);
