//! A browser without a screen: it keeps cookies, reads forms and sends them.

use std::collections::BTreeMap;

use crate::support::server::PASSWORD;
use crate::support::{Reply, Request, Server};

/// A browser with its own cookies.
#[derive(Clone)]
pub struct Browser<'a> {
    pub server: &'a Server,
    pub cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, cookies: BTreeMap::new() }
    }

    /// A browser in which somebody is logged in.
    pub fn logged_in(server: &'a Server, name: &str) -> Self {
        let mut browser = Self::new(server);
        let reply = browser.log_in(name, PASSWORD).expect(303);
        assert_eq!(reply.header("location"), Some("/manage/account/"));
        browser
    }

    /// Sends the form of the login.
    pub fn log_in(&mut self, name: &str, password: &str) -> Reply {
        let fields = [("username", name), ("password", password)];
        self.submit("/account/login/", &fields)
    }

    pub fn get(&mut self, path: &str) -> Reply {
        let request = self.request("GET", path);
        self.send(request)
    }

    /// A request with all that a browser sends by itself.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.server.request(method, path);
        request
            .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("User-Agent", "Mozilla/5.0 (Test)")
            .header("Cookie", &cookies.join("; "))
    }

    /// Sends a request and keeps the cookies of the answer.
    pub fn send(&mut self, request: Request) -> Reply {
        let reply = request.send();
        for (_, value) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, attributes) = value.split_once(';').unwrap();
            for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(attributes.contains(attribute), "{value}");
            }
            let (name, content) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), content.to_owned());
            }
        }
        reply
    }

    /// Opens a page, fills in the form on it that goes to the page's own path, and sends it.
    pub fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.get(path).expect(200).text();
        let action = path.split('?').next().unwrap();
        let mut all = hidden(&page, action);
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &all)
    }

    /// Sends a form.
    pub fn post(&mut self, path: &str, fields: &BTreeMap<String, String>) -> Reply {
        let origin = self.server.url();
        self.post_from(path, fields, &origin)
    }

    /// Sends a form as a page of that origin would.
    pub fn post_from(
        &mut self,
        path: &str,
        fields: &BTreeMap<String, String>,
        origin: &str,
    ) -> Reply {
        let text =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request("POST", path)
            .header("Origin", origin)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(text.into_bytes());
        self.send(request)
    }

    /// The secret by which this browser proves its forms.
    pub fn csrf(&mut self) -> String {
        let path = "/account/request-password-reset/";
        let page = self.get(path).expect(200).text();
        hidden(&page, path).remove("csrf_token").unwrap()
    }

    /// Whether somebody is logged in, by a page that asks for no more.
    pub fn is_logged_in(&mut self) -> bool {
        self.get("/account/reauthenticate/").status == 200
    }
}

/// The hidden fields of the form on a page that goes to `action`.
fn hidden(page: &str, action: &str) -> BTreeMap<String, String> {
    let begin = format!(" method=\"post\" action=\"{action}\">");
    let form = page.split_once(&begin).unwrap_or_else(|| panic!("no form in {page}")).1;
    let form = form.split_once("</form>").unwrap().0;
    let inputs = form.split("<input ").skip(1).filter(|input| input.contains("type=\"hidden\""));
    let attribute = |input: &str, name: &str| {
        let begin = format!("{name}=\"");
        let value = input.split_once(&begin).unwrap().1;
        value.split_once('"').unwrap().0.to_owned()
    };
    inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
}

/// Fields as a browser sends them.
pub fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
