//! Verifying an address: the provider is asked about its domain at that moment.
