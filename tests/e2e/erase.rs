//! A customer who was erased is in no byte of the data folder. A short form of the command `erase`.

use std::process::Command;

#[test]
fn words_and_keys_of_the_erased_are_gone_even_when_the_process_ends_on_the_way() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erase"));
    let output = command.args(["--customers", "2", "--every", "5"]).output().unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("1 customers erased of 2"), "{said}");
}
