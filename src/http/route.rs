//! The parts of the server that figures tell apart. Whatever is asked for belongs to one of them,
//! so strangers cannot make more.

/// A part of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The list of all projects.
    Index,
    /// The page of a project.
    Simple,
    /// A file.
    File,
    /// The metadata beside a file.
    Metadata,
    /// An upload.
    Upload,
    /// The JSON API.
    Json,
    /// XML-RPC.
    XmlRpc,
    /// A feed.
    Feed,
    /// Whether the server is well.
    Health,
    /// Figures.
    Metrics,
    /// Looks of the pages.
    Static,
    /// Getting an account, and in and out of it.
    Account,
    /// One's own account and projects.
    Manage,
    /// The area of administrators.
    Admin,
    /// Pages that everybody reads, and all else.
    Pages,
}

impl Route {
    /// All of them, in their order.
    pub const ALL: [Self; 15] = [
        Self::Index,
        Self::Simple,
        Self::File,
        Self::Metadata,
        Self::Upload,
        Self::Json,
        Self::XmlRpc,
        Self::Feed,
        Self::Health,
        Self::Metrics,
        Self::Static,
        Self::Account,
        Self::Manage,
        Self::Admin,
        Self::Pages,
    ];

    /// That of a path.
    pub fn of(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        match first {
            "simple" if rest.is_empty() => Self::Index,
            "simple" => Self::Simple,
            "packages" if rest.ends_with(".metadata") => Self::Metadata,
            "packages" => Self::File,
            "legacy" => Self::Upload,
            "pypi" if rest.is_empty() => Self::XmlRpc,
            "pypi" => Self::Json,
            "RPC2" => Self::XmlRpc,
            "rss" => Self::Feed,
            "_health" => Self::Health,
            "metrics" => Self::Metrics,
            "static" => Self::Static,
            "account" => Self::Account,
            "manage" => Self::Manage,
            "admin" => Self::Admin,
            _ => Self::Pages,
        }
    }

    /// Its name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Simple => "simple",
            Self::File => "file",
            Self::Metadata => "metadata",
            Self::Upload => "upload",
            Self::Json => "json",
            Self::XmlRpc => "xmlrpc",
            Self::Feed => "feed",
            Self::Health => "health",
            Self::Metrics => "metrics",
            Self::Static => "static",
            Self::Account => "account",
            Self::Manage => "manage",
            Self::Admin => "admin",
            Self::Pages => "pages",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_a_route() {
        for (path, route) in [
            ("/simple", Route::Index),
            ("/simple/", Route::Index),
            ("/simple/foo/", Route::Simple),
            ("/packages/aa/bb/cc/foo.whl", Route::File),
            ("/packages/aa/bb/cc/foo.whl.metadata", Route::Metadata),
            ("/legacy/", Route::Upload),
            ("/pypi", Route::XmlRpc),
            ("/pypi/foo/json", Route::Json),
            ("/RPC2", Route::XmlRpc),
            ("/simples/", Route::Pages),
            ("/", Route::Pages),
            ("", Route::Pages),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
        // Their numbers are their places.
        assert!(Route::ALL.iter().enumerate().all(|(place, route)| *route as usize == place));
    }
}
