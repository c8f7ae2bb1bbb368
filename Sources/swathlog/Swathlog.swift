import ArgumentParser
import Configuration
import Crypto
import GRDB
import Logging
import ServiceLifecycle
import Subprocess
@main struct S { static func main() { print("x") } }
