//! How the program is linked.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build.ld");
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}"));
    // The loader has 77,000 addresses to adjust. In this form they take a few bytes each and
    // not 24, which is 1.8 MB less in memory. glibc knows it since 2.36, that of Debian 12.
    if target("OS").as_deref() == Ok("linux") && target("ENV").as_deref() == Ok("gnu") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        // What runs stands together, which is 4 MB less in memory.
        if env::var("PROFILE").as_deref() == Ok("release") && is_usual_linker() {
            let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
            println!("cargo:rustc-link-arg-bins=-T{folder}/build.ld");
        }
    }
}

/// Whether nobody chose a linker. That of rustc and that of GNU read the script; mold does not.
fn is_usual_linker() -> bool {
    println!("cargo:rerun-if-env-changed=MOLD_PATH");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    env::var_os("RUSTC_LINKER").is_none()
        && env::var_os("MOLD_PATH").is_none()
        && !flags.contains("link")
}
