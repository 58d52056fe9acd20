/*
 * libsecp256k1's own speed, the reference for what the bindings and the codec add.
 *
 *   verify MODE MILLISECONDS    prints operations per second
 *
 * Modes: sign; verify-parsed (the public key parsed once, the signature each time);
 * verify-compressed (the 33-byte public key parsed each time too).
 */
#include <secp256k1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MESSAGES 64

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int sign = strcmp(argv[1], "sign") == 0;
  int parse = strcmp(argv[1], "verify-compressed") == 0;
  if (!sign && !parse && strcmp(argv[1], "verify-parsed") != 0) return 2;
  double limit = atof(argv[2]) / 1e3;

  secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
  unsigned char private_key[32], digests[MESSAGES][32], signatures[MESSAGES][64], compressed[33];
  secp256k1_pubkey key;
  secp256k1_ecdsa_signature signature;
  size_t length = sizeof compressed;
  memset(private_key, 1, sizeof private_key);
  int fine = secp256k1_ec_pubkey_create(context, &key, private_key);
  secp256k1_ec_pubkey_serialize(context, compressed, &length, &key, SECP256K1_EC_COMPRESSED);
  for (int i = 0; i < MESSAGES; i++) {
    memset(digests[i], i + 1, sizeof digests[i]);
    fine &= secp256k1_ecdsa_sign(context, &signature, digests[i], private_key, NULL, NULL);
    secp256k1_ecdsa_signature_serialize_compact(context, signatures[i], &signature);
  }

  long count = 0;
  double start = seconds(), elapsed;
  do {
    for (int i = 0; i < MESSAGES; i++) {
      if (sign) {
        fine &= secp256k1_ecdsa_sign(context, &signature, digests[i], private_key, NULL, NULL);
        secp256k1_ecdsa_signature_serialize_compact(context, signatures[i], &signature);
      } else {
        if (parse) fine &= secp256k1_ec_pubkey_parse(context, &key, compressed, sizeof compressed);
        fine &= secp256k1_ecdsa_signature_parse_compact(context, &signature, signatures[i]);
        fine &= secp256k1_ecdsa_verify(context, &signature, digests[i], &key);
      }
    }
    count += MESSAGES;
    elapsed = seconds() - start;
  } while (elapsed < limit);
  secp256k1_context_destroy(context);
  if (!fine) return 1;
  printf("%.1f\n", (double)count / elapsed);
  return 0;
}
