/** The hash functions of digest(), a part of its own. */

import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";

export default { md5, sha1, sha256, sha384, sha512 };
