//! Figures about requests: what was answered and how fast, what was uploaded and refused, and who
//! was recognised.

use super::{counter, head, line};
use crate::accounts::figures as logins;
use crate::http::figures::{Sum, refusals};
use crate::http::route::Route;
use crate::upload::figures as uploads;

pub(super) fn write(text: &mut String) {
    let sums = Route::ALL.map(|route| (route.name(), Sum::of(route)));
    answered(text, &sums);
    times(text, &sums);
    let name = "cheeseshop_http_ready_total";
    head(text, ("counter", name), "Requests that were answered from memory alone.");
    for (route, sum) in sums.iter().filter(|(_, sum)| sum.count > 0) {
        line(text, name, &[("route", route)], sum.ready);
    }
    let name = "cheeseshop_http_refused_total";
    head(text, ("counter", name), "Answers that are errors, by what was wrong.");
    for (kind, count) in refusals() {
        line(text, name, &[("kind", kind.name())], count);
    }
    uploaded(text);
    let name = "cheeseshop_logins_total";
    let about = "How often somebody was recognised by credentials, and how often not.";
    head(text, ("counter", name), about);
    for (by, outcome, count) in logins::all() {
        line(text, name, &[("way", by.name()), ("outcome", outcome.name())], count);
    }
}

/// Only what there was: a route has few of all statuses.
fn answered(text: &mut String, sums: &[(&str, Sum)]) {
    let name = "cheeseshop_http_requests_total";
    head(text, ("counter", name), "Requests that were answered.");
    for (route, sum) in sums {
        for (status, count) in sum.statuses.iter().filter(|(_, count)| *count > 0) {
            let status = status.map_or_else(|| "other".to_owned(), |status| status.to_string());
            line(text, name, &[("route", route), ("status", &status)], count);
        }
    }
}

fn times(text: &mut String, sums: &[(&str, Sum)]) {
    let name = "cheeseshop_http_request_seconds";
    let about = "Time from the head of a request until its answer begins.";
    head(text, ("histogram", name), about);
    let [bucket, total, count] = ["bucket", "sum", "count"].map(|part| format!("{name}_{part}"));
    for (route, sum) in sums.iter().filter(|(_, sum)| sum.count > 0) {
        for (bound, so_far) in &sum.times {
            line(text, &bucket, &[("route", route), ("le", &bound.to_string())], so_far);
        }
        line(text, &bucket, &[("route", route), ("le", "+Inf")], sum.count);
        line(text, &total, &[("route", route)], sum.seconds);
        line(text, &count, &[("route", route)], sum.count);
    }
}

fn uploaded(text: &mut String) {
    let name = "cheeseshop_uploads_total";
    head(text, ("counter", name), "Uploads that were taken: new files, and those there already.");
    line(text, name, &[("outcome", "published")], uploads::published());
    line(text, name, &[("outcome", "already_there")], uploads::again());
    let about = "Bytes of uploaded files that arrived whole, whatever became of them.";
    counter(text, "cheeseshop_uploads_bytes_total", about, uploads::bytes());
    let name = "cheeseshop_uploads_refused_total";
    head(text, ("counter", name), "Uploads that were refused.");
    for (reason, count) in uploads::refused() {
        line(text, name, &[("reason", reason)], count);
    }
}
