//! The tables, in an order in which each comes behind those that it refers to.

/// Those that are copied. A test compares with the schema, so that a new one is not forgotten.
pub const TABLES: [&str; 42] = [
    "users",
    "emails",
    "sessions",
    "remembered_devices",
    "recovery_codes",
    "links",
    "invitations",
    "security_events",
    "throttle",
    "service_accounts",
    "projects",
    "roles",
    "role_invitations",
    "former_projects",
    "former_owners",
    "tokens",
    "token_projects",
    "releases",
    "release_classifiers",
    "files",
    "file_names",
    "prohibited_names",
    "journal",
    "journal_counter",
    "leases",
    "job_runs",
    "outbox",
    "admin_acts",
    "site_flags",
    "reserved_prefixes",
    "prefix_holders",
    "domains",
    "domain_totals",
    "download_files",
    "download_days",
    "download_sums",
    "downloads",
    "mirror_pages",
    "mirror_files",
    "mirror_digests",
    "mirror_rules",
    "mirror_changes",
];

/// Those that are not: the search index, which is made anew for the other database, and what each
/// database says about itself.
pub const NOT_COPIED: [&str; 4] =
    ["search_entries", "search_state", "schema_level", "unused_copies"];
