import Crypto
import Files

/// The MD5 of some bytes as 32 lower-case hexadecimal digits: the name that DVC gives them, no protection.
package func md5(of bytes: [UInt8]) -> String { hexadecimal(Insecure.MD5.hash(data: bytes)) }
