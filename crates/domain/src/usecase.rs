//! Orchestration over ports.
