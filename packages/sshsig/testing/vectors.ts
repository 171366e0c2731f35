// Made once by OpenSSH 9.2p1: `ssh-keygen -Y sign -n NAMESPACE -O hashalg=HASH -f KEY < MESSAGE`, by keys that exist no more.

/** A message, as it was piped into `ssh-keygen`. */
export const APPROVAL_TEXT = String.raw`countersign approval v1
payout: 2026-11-rent-0042
key: stellar-hot
network: stellar:testnet
destination: GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ
asset: stellar:testnet/asset:USDC-GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5
amount: 25000000000
memo: "text:rent \u2013 \"May\""
expires: 1798761600
`;

export const BUNDLE_TEXT = `countersign policy bundle v1
environment: "production"
version: 7
policy: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
keys: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
`;

export interface Vector {
  readonly algorithm: string;
  readonly hash: string;
  readonly namespace: string;
  readonly message: string;
  /** The line of the `.pub` file, and what `ssh-keygen -l` shows of it. */
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly armored: string;
}

export const VECTORS: readonly Vector[] = [
  {
    algorithm: 'ssh-ed25519',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMPtNIPPtB5+74NiJ096giqX3rE5Lmkdm6CZrz8fiS/B alice ed25519',
    fingerprint: 'SHA256:gf2Kv0mugR9kLW1KqUI9I/n9Wr3kSr+tGatRpv1OMCI',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgw+00g8+0Hn7vg2InT3qCKpfesT
kuaR2boJmvPx+JL8EAAAASY291bnRlcnNpZ24tcG9saWN5AAAAAAAAAAZzaGEyNTYAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQOyxVSWgTQgqW8ZRIOGJrZeGB79kbsfsV546YkFP2vFWJI
U8eI/2D5vSVU/MH63z30+alPNytYXs50UDvDbSNgs=
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ssh-ed25519',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMPtNIPPtB5+74NiJ096giqX3rE5Lmkdm6CZrz8fiS/B alice ed25519',
    fingerprint: 'SHA256:gf2Kv0mugR9kLW1KqUI9I/n9Wr3kSr+tGatRpv1OMCI',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgw+00g8+0Hn7vg2InT3qCKpfesT
kuaR2boJmvPx+JL8EAAAAUY291bnRlcnNpZ24tYXBwcm92YWwAAAAAAAAABnNoYTUxMgAA
AFMAAAALc3NoLWVkMjU1MTkAAABAPylW9i5sU+B0JodaV5jAot+fhos9Ap/xeKHYRFxlVk
HryMsoIS1Cfju8beF0zqs8mlxOq5Lv4kiNcq7L/RgICA==
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp256',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey:
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIkoxzlXvNsuCI5WUFzA0B3fgDRFTQ5XJTjeZc1X6sqruK5K+maq8jqv0/cuJOdkBgMBuLe3cphZAKIOe3xfiWQ= alice ecdsab256',
    fingerprint: 'SHA256:XZdJ54vM+EZLWDlhBM6PIwJB+hZLUx72X5wsq1NqArM',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
EEiSjHOVe82y4IjlZQXMDQHd+ANEVNDlclON5lzVfqyqu4rkr6ZqryOq/T9y4k52QGAwG4
t7dymFkAog57fF+JZAAAABJjb3VudGVyc2lnbi1wb2xpY3kAAAAAAAAABnNoYTI1NgAAAG
UAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAEoAAAAhANaycmjXGUrXoIiokKMwvstcTCTm
yM3vm/9NbQXSX7ePAAAAIQDEuQO8REn6gU2rcX4+fXfFAX+0xI2W93WHgIo640UPMA==
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp256',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey:
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIkoxzlXvNsuCI5WUFzA0B3fgDRFTQ5XJTjeZc1X6sqruK5K+maq8jqv0/cuJOdkBgMBuLe3cphZAKIOe3xfiWQ= alice ecdsab256',
    fingerprint: 'SHA256:XZdJ54vM+EZLWDlhBM6PIwJB+hZLUx72X5wsq1NqArM',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
EEiSjHOVe82y4IjlZQXMDQHd+ANEVNDlclON5lzVfqyqu4rkr6ZqryOq/T9y4k52QGAwG4
t7dymFkAog57fF+JZAAAABRjb3VudGVyc2lnbi1hcHByb3ZhbAAAAAAAAAAGc2hhNTEyAA
AAZAAAABNlY2RzYS1zaGEyLW5pc3RwMjU2AAAASQAAACEAhpBIzPu9IFx647EQ/T4Z0M2Y
zBBScplIIxodYXGuxgQAAAAgUzhUhmECeiynbRAgvBjKWoM+s4PKgl6WfjS5JC2MTzQ=
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp384',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey:
      'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEToSKwQ8/6b6TbhXewuYeOCQ47NU1zdoUNtKy3QOEKnRlwOaCNMT9I/PHTQNQmY4ZP91BgccUz4c63oxgccRfPr40yOWJ8c70vq9BpL5Qw14cgzoljcaVv4tLEinX/cwQ== alice ecdsab384',
    fingerprint: 'SHA256:e0nfSF9VKPdZ4KgHjV2ZyiTapCRoKjBBRtjXbL1cSAw',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG
EEROhIrBDz/pvpNuFd7C5h44JDjs1TXN2hQ20rLdA4QqdGXA5oI0xP0j88dNA1CZjhk/3U
GBxxTPhzrejGBxxF8+vjTI5YnxzvS+r0GkvlDDXhyDOiWNxpW/i0sSKdf9zBAAAAEmNvdW
50ZXJzaWduLXBvbGljeQAAAAAAAAAGc2hhMjU2AAAAhAAAABNlY2RzYS1zaGEyLW5pc3Rw
Mzg0AAAAaQAAADAl8bptbqWhVgc8jpBmJ9b/VB9Pw8xC0VmjZI9Hkg95taBAwOcIJNl2pw
7kIeK99zEAAAAxANsaxCfI05V+o6XgPdgIabgu9lXrSg+Ah0HDEI4YtlHomMfjHQmlqPBV
OhblQ/t6KA==
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp384',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey:
      'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEToSKwQ8/6b6TbhXewuYeOCQ47NU1zdoUNtKy3QOEKnRlwOaCNMT9I/PHTQNQmY4ZP91BgccUz4c63oxgccRfPr40yOWJ8c70vq9BpL5Qw14cgzoljcaVv4tLEinX/cwQ== alice ecdsab384',
    fingerprint: 'SHA256:e0nfSF9VKPdZ4KgHjV2ZyiTapCRoKjBBRtjXbL1cSAw',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG
EEROhIrBDz/pvpNuFd7C5h44JDjs1TXN2hQ20rLdA4QqdGXA5oI0xP0j88dNA1CZjhk/3U
GBxxTPhzrejGBxxF8+vjTI5YnxzvS+r0GkvlDDXhyDOiWNxpW/i0sSKdf9zBAAAAFGNvdW
50ZXJzaWduLWFwcHJvdmFsAAAAAAAAAAZzaGE1MTIAAACEAAAAE2VjZHNhLXNoYTItbmlz
dHAzODQAAABpAAAAMQCkKYucMMzS4lBeP5CwxLjsbH30Y/gO7GuBb/57ZhhYaNGURBUprW
09kqomaj1ptEAAAAAwGT3m9hVk25AJOxzOdn0AhzJhpiRUje5Fw/ihn5siOUBwDH7MWjWF
esFMwIFtaakp
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp521',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey:
      'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBADR+mGtw0DGkN050T4SD4v/UN8x4SD9RRpTgJbrv9UJkgmPHCGbS6bQ8uJMC3xbbqrqpssYF6SzRWize8w6agoOLwARzma1nl4W6OJ34Nsb4qnExlARXpANEcZ/+7ija6oJSNiCByIXfOBdyD4ZcbjAblNRrPv+LmQmQ8K0MkHGSTPRbQ== alice ecdsab521',
    fingerprint: 'SHA256:UxLSc0AQ6IyGIKnCkjZ9WCRxwhC3vmkG9ZBGusVlk4k',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI
UEANH6Ya3DQMaQ3TnRPhIPi/9Q3zHhIP1FGlOAluu/1QmSCY8cIZtLptDy4kwLfFtuquqm
yxgXpLNFaLN7zDpqCg4vABHOZrWeXhbo4nfg2xviqcTGUBFekA0Rxn/7uKNrqglI2IIHIh
d84F3IPhlxuMBuU1Gs+/4uZCZDwrQyQcZJM9FtAAAAEmNvdW50ZXJzaWduLXBvbGljeQAA
AAAAAAAGc2hhMjU2AAAApgAAABNlY2RzYS1zaGEyLW5pc3RwNTIxAAAAiwAAAEIAhRJ9kE
WmtwFwzJ3wLzYstHVFwXSQ2iLCHMknvsn2qMRrCoQNxzbONpEOiKixM/nME+Ac4/exFO3h
tcDXex8aiMgAAABBfwBJbeQ+D2o9Lg+MXRQOIttrj+QiXio3/R3n/f/pPGubWZ24Ziwme0
CZzf0aGjNgp/WnZ7bkzuLZrOlWL4U64cY=
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp521',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey:
      'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBADR+mGtw0DGkN050T4SD4v/UN8x4SD9RRpTgJbrv9UJkgmPHCGbS6bQ8uJMC3xbbqrqpssYF6SzRWize8w6agoOLwARzma1nl4W6OJ34Nsb4qnExlARXpANEcZ/+7ija6oJSNiCByIXfOBdyD4ZcbjAblNRrPv+LmQmQ8K0MkHGSTPRbQ== alice ecdsab521',
    fingerprint: 'SHA256:UxLSc0AQ6IyGIKnCkjZ9WCRxwhC3vmkG9ZBGusVlk4k',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI
UEANH6Ya3DQMaQ3TnRPhIPi/9Q3zHhIP1FGlOAluu/1QmSCY8cIZtLptDy4kwLfFtuquqm
yxgXpLNFaLN7zDpqCg4vABHOZrWeXhbo4nfg2xviqcTGUBFekA0Rxn/7uKNrqglI2IIHIh
d84F3IPhlxuMBuU1Gs+/4uZCZDwrQyQcZJM9FtAAAAFGNvdW50ZXJzaWduLWFwcHJvdmFs
AAAAAAAAAAZzaGE1MTIAAAClAAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAACKAAAAQWGapL
8iXPCU3Yunc3hkhInwzuMurY14H+9xXKtuzDNFMUXxjdrXI/YKWN92DWzulIuAy4sr1CNz
Qkim6ZG56ATZAAAAQQVP3MfIlj3upaRaWwO/14YOIaFWPUtt3ZG0REqbafeoSqtEYExQSt
rFhof/iBUdyU5/Rs5fyXitPP8ouhJWaugp
-----END SSH SIGNATURE-----
`,
  },
];

/** Keys of kinds that are not accepted, and a signature of the first over APPROVAL_TEXT. */
export const REFUSED_KEYS: Readonly<Record<string, string>> = {
  'ssh-rsa':
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDCQUDFIWxNvF382nrZ0e7boymThFRDvkHGzhg0pKcGTVhi2kOrZoR82U5eLuzh+iEnIU7QLG/dZV8RMDeS6B5tyslSEkDo7YMP1gaWdCjpG/oBfSUQ8SfrqfA5PlHWUPhI8YZ8EwfUlKg4GfhhoGHrtnQ4OP4u3zsGDNT3yapa82ZeFpoP3sCtd+X81fcVmwn7As4UBoctNULP9Jltexwpru7QlQhP/W1ZPO/QPqN1/Hz/7Ek11dLsQPvD5PWcl1qdVEGeMPtD2dTktIji1O5oPm8h5g/w18+CAX4T2gU014wOiO9UaRLv2TwazvzarEBdlckOKyidIekDr1sRlzdH+aw0WcPy0kDZ1A+U8xzw0L4UtTQqmiGN32pSWwB7QPTWF7nfOaj9LfwnM1l9PAdrCNeE6CmlnqI6lWRoAyCWIyNObDs31MEIafQrrdDho2mvXetXtdsYft+7zGqujgnZ3hA+ENZ1JNbTXFmTK6jPBGid/vQHOmh/EqcUDBldvY8= rsa',
  'ssh-dss':
    'ssh-dss AAAAB3NzaC1kc3MAAACBAMvksQAzsL/DfksEODq2goKGyL9lp6FuYYzOGMnfpyapR3zuNzCCR7h+8/H4iGsSGNsH3KfhhlNbDH3uZg2Z6/0boziBTNM8kykBf6MTniRXdmy7hR/uidDfdjXGJ9PGaPauj2XnlKgf1BXouUKF5vBwO8v9JR6D5Tp9aT3/aBX3AAAAFQClg6vmkyxxdOYwFNwqvAqASaINmQAAAIEAtz6gwgK8GPBBQG8TW4iVrBOozkKQ+FYLGvKFOkYK3erMxSb5aZEmuQtjVkgTKMoasn8yjFH3kyG25rWM8Juiz32lh7iYbWte9A9K0NXLDv4agyvL7T+ANQkTUdKZWMKnGc+CKPvvA4/Gyp0nT46iX+EsUUa7IUPKJPi7XRH6rQgAAACBAKbLl7haezX/TtI0rtV7IdQ/OA3UHs97MV1HV1wjOwzGtHNvDXNapxnYXV42LwEh9snb6eyB3w1ygigwUq+hI1ldQ2V1iZwpSEcG513tl0c6mbZyRD7air3Tuh0uf2WIXv4APfa9QY3n/axsxP0gMHiM3SqsoMP+DS555k2jlCjo dsa',
};

export const RSA_SIGNATURE = `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAZcAAAAHc3NoLXJzYQAAAAMBAAEAAAGBAMJBQMUhbE28XfzaetnR7t
ujKZOEVEO+QcbOGDSkpwZNWGLaQ6tmhHzZTl4u7OH6ISchTtAsb91lXxEwN5LoHm3KyVIS
QOjtgw/WBpZ0KOkb+gF9JRDxJ+up8Dk+UdZQ+EjxhnwTB9SUqDgZ+GGgYeu2dDg4/i7fOw
YM1PfJqlrzZl4Wmg/ewK135fzV9xWbCfsCzhQGhy01Qs/0mW17HCmu7tCVCE/9bVk879A+
o3X8fP/sSTXV0uxA+8Pk9ZyXWp1UQZ4w+0PZ1OS0iOLU7mg+byHmD/DXz4IBfhPaBTTXjA
6I71RpEu/ZPBrO/NqsQF2VyQ4rKJ0h6QOvWxGXN0f5rDRZw/LSQNnUD5TzHPDQvhS1NCqa
IY3falJbAHtA9NYXud85qP0t/CczWX08B2sI14ToKaWeojqVZGgDIJYjI05sOzfUwQhp9C
ut0OGjaa9d61e12xh+37vMaq6OCdneED4Q1nUk1tNcWZMrqM8EaJ3+9Ac6aH8SpxQMGV29
jwAAABRjb3VudGVyc2lnbi1hcHByb3ZhbAAAAAAAAAAGc2hhNTEyAAABlAAAAAxyc2Etc2
hhMi01MTIAAAGAL32c+c8e/lH9TU84owtL/yJJsT2MvfiPq+SCeNvTbkBSQQZx3Kt1ZwmV
cuSQTryetM/Z14iTt8ufQC7HKS3sD9K/M4lidiiTz/3WSG2oNgqyYWYJXN1tnsTkEtGBJX
t98zNLadH4x17duwH/VKWYt76UBeh0gFu5KyUDz/9JHY5Z7Oy2Py7JGhOU4Dk8jcXVT8vn
c+fadXijSxcXoClvX5tOD0OZUFfk14duoOTXKT8/CdkudP4u4tyM8SITGwZMhbXDbLgnjf
BLWzJxyA7+AOg4YcniOM//FqTuOrUlh/fAENpaP3+UfDeNf2q0j6bUWT1bo4wn5H+SignY
lxqChbhpf+V60VHBg9mFPZzst4dk/btVk495LcruOJZMwF4Pw5ZIMCwiJpThpAcwqg2P10
f+4GUraK0o4KK+zcAwkDnm/k6EwVL36pxeJj0xQQbzxCYVnwH+XCgEnOgUq3QbudV0yYTz
9dTXO9In4krQgIfhuqZN1q/4BdZBcuqMTXXZ
-----END SSH SIGNATURE-----
`;
