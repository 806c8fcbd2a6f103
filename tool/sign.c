// SPDX-License-Identifier: GPL-2.0
/* Signing of images in the form that the kernel's scripts/sign-file makes, see load.h. */
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "image.h"
#include "load.h"

static const char *openssl_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "unknown format";
}

static EVP_PKEY *read_key(const char *path, struct error *err)
{
	BIO *file = BIO_new_file(path, "rb");
	EVP_PKEY *key = NULL;

	if (file) {
		key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
		if (!key && !BIO_reset(file))
			key = d2i_PrivateKey_bio(file, NULL);
	}
	if (!key)
		error_set(err, EXIT_USAGE,
			  "%s: cannot be read as a private key (%s); give one in PEM or DER",
			  path, openssl_reason());
	BIO_free(file);
	return key;
}

static X509 *read_cert(const char *path, struct error *err)
{
	BIO *file = BIO_new_file(path, "rb");
	X509 *cert = NULL;

	if (file) {
		cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
		if (!cert && !BIO_reset(file))
			cert = d2i_X509_bio(file, NULL);
	}
	if (!cert)
		error_set(err, EXIT_USAGE,
			  "%s: cannot be read as a certificate (%s); give one in PEM or DER",
			  path, openssl_reason());
	BIO_free(file);
	return cert;
}

static int make_signature(const struct image *image, EVP_PKEY *key, X509 *cert, struct buf *sig)
{
	const unsigned int flags = CMS_NOCERTS | CMS_BINARY;
	BIO *bytes = BIO_new_mem_buf(image->data, image->len);
	CMS_ContentInfo *cms;
	int len = -1;

	cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_DETACHED | CMS_STREAM);
	if (bytes && cms &&
	    CMS_add1_signer(cms, cert, key, EVP_sha256(), flags | CMS_NOSMIMECAP | CMS_NOATTR) &&
	    CMS_final(cms, bytes, NULL, flags) > 0)
		len = i2d_CMS_ContentInfo(cms, &sig->data);
	CMS_ContentInfo_free(cms);
	BIO_free(bytes);
	if (len <= 0)
		return -1;
	sig->len = len;
	return 0;
}

int sign_image(struct image *image, const char *key_path, const char *cert_path, struct error *err)
{
	struct buf sig = { 0 };
	EVP_PKEY *key;
	X509 *cert;
	int ret = -1;

	key = read_key(key_path, err);
	if (!key)
		return -1;
	cert = read_cert(cert_path, err);
	if (!cert)
		goto free_key;
	if (X509_check_private_key(cert, key) != 1)
		error_set(err, EXIT_USAGE,
			  "%s does not belong to the key %s; give the certificate of that key",
			  cert_path, key_path);
	else if (make_signature(image, key, cert, &sig))
		error_set(err, EXIT_USAGE,
			  "the module cannot be signed with %s (%s); give an RSA or EC key",
			  key_path, openssl_reason());
	else
		ret = image_append_signature(image, &sig, err);
	OPENSSL_free(sig.data);
	X509_free(cert);
free_key:
	EVP_PKEY_free(key);
	return ret;
}
