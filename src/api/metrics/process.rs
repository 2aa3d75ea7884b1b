//! Figures about the process, under the names that they have everywhere
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>), and its disk.

use std::fs;
use std::time::Duration;

use super::{counter, gauge, head, line};
use crate::app::App;

/// How long the system is waited for: a disk on another machine may not answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// What the system counts a processor's time in towards programs (proc_pid_stat(5)).
const TICKS_A_SECOND: f64 = 100.0;
const KIBIBYTE: u64 = 1024;
/// Places in `/proc/self/stat` behind the name of the program (proc_pid_stat(5)).
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;
const THREADS: usize = 17;
const ADDRESSES: usize = 20;

pub(super) async fn write(app: &App, text: &mut String) {
    let name = "cheeseshop_build_info";
    head(text, ("gauge", name), "The version that runs.");
    line(text, name, &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let about = "When the process began.";
    gauge(text, "process_start_time_seconds", about, app.began.and_utc().timestamp());
    let storage = app.storage.clone();
    let asked = tokio::task::spawn_blocking(move || (Process::look(), storage.free_bytes()));
    let Ok(Ok((process, free))) = tokio::time::timeout(PATIENCE, asked).await else { return };
    if let Some(free) = free {
        let about =
            "Bytes that are free where files are stored, or lie on their way to the bucket.";
        gauge(text, "cheeseshop_storage_free_bytes", about, free);
    }
    if let Some(process) = process {
        process.write(text);
    }
}

/// What the system knows about the process.
struct Process {
    processor_seconds: f64,
    threads: u64,
    virtual_bytes: u64,
    resident_bytes: u64,
    open_files: usize,
    most_files: Option<u64>,
}

impl Process {
    /// None on systems that do not say so in `/proc`. Blocks.
    fn look() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program may have blanks in it.
        let (_, stat) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = stat.split_ascii_whitespace().collect();
        let field = |place: usize| fields.get(place)?.parse::<u64>().ok();
        let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        Some(Self {
            processor_seconds: (ticks(USER_TIME)? + ticks(SYSTEM_TIME)?) / TICKS_A_SECOND,
            threads: field(THREADS)?,
            virtual_bytes: field(ADDRESSES)?,
            resident_bytes: number_behind(&status, "VmRSS:")? * KIBIBYTE,
            open_files: fs::read_dir("/proc/self/fd").ok()?.count(),
            most_files: number_behind(&limits, "Max open files"),
        })
    }

    fn write(&self, text: &mut String) {
        let about = "Seconds of processor time.";
        counter(text, "process_cpu_seconds_total", about, self.processor_seconds);
        gauge(text, "process_threads", "Threads.", self.threads);
        gauge(text, "process_virtual_memory_bytes", "Bytes of addresses.", self.virtual_bytes);
        gauge(text, "process_resident_memory_bytes", "Bytes in memory.", self.resident_bytes);
        gauge(text, "process_open_fds", "Open files and connections.", self.open_files);
        if let Some(most) = self.most_files {
            gauge(text, "process_max_fds", "Files and connections that may be open.", most);
        }
    }
}

/// The number behind a word at the beginning of a line.
fn number_behind(text: &str, word: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(word))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}
