// Made once by OpenSSH 9.2p1: `ssh-keygen -Y sign -n NAMESPACE -O hashalg=HASH -f KEY < MESSAGE`, by keys that exist no more.

/** A message, as it was piped into `ssh-keygen`. */
export const APPROVAL_TEXT = String.raw`countersign approval v1
payout: 2026-11-rent-0042
key: stellar-hot
account: GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q
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
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINbpN4ai6qSu3qy4r3KE4s+JdsEqN7RfQ2ZOy3+j+xxW alice ed25519',
    fingerprint: 'SHA256:u3GuxBsYmvi/rz+sqIpyQEv91IPgXBAQbetOerG6i/E',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg1uk3hqLqpK7erLivcoTiz4l2wS
o3tF9DZk7Lf6P7HFYAAAASY291bnRlcnNpZ24tcG9saWN5AAAAAAAAAAZzaGEyNTYAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQEOCe3M2o5xYujlR2XUCXnnHpzPx+o2cFYKfWwFeAsx/wa
0G8iSA6Srb1UCY8b/qnFPbqinwOhssFAVg2c7BVgI=
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ssh-ed25519',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINbpN4ai6qSu3qy4r3KE4s+JdsEqN7RfQ2ZOy3+j+xxW alice ed25519',
    fingerprint: 'SHA256:u3GuxBsYmvi/rz+sqIpyQEv91IPgXBAQbetOerG6i/E',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg1uk3hqLqpK7erLivcoTiz4l2wS
o3tF9DZk7Lf6P7HFYAAAAUY291bnRlcnNpZ24tYXBwcm92YWwAAAAAAAAABnNoYTUxMgAA
AFMAAAALc3NoLWVkMjU1MTkAAABAFEKhVgJDdrYio2bY83QmBeiy41D5e+bUdI0lnAise9
+6TE1hDj9tWgZSqGMt3Z5wVK8e58ANK1LY6F3A7H0rAg==
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp256',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey:
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDbsmo7unTWBkw1RHoRbPCVg4Bx5Dk4JWckvqFA0UWuDrAsm7RyvpkGvNPsdO3Q40e8OcRZpcZ034B4jXOku6H8= alice ecdsab256',
    fingerprint: 'SHA256:tDbE4kdbdVNNreWqTX247JUxSfnArp55q/OWsBoROrI',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
EENuyaju6dNYGTDVEehFs8JWDgHHkOTglZyS+oUDRRa4OsCybtHK+mQa80+x07dDjR7w5x
FmlxnTfgHiNc6S7ofwAAABJjb3VudGVyc2lnbi1wb2xpY3kAAAAAAAAABnNoYTI1NgAAAG
QAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAEkAAAAhAPq5EVxRa40tz9EhxVE4ZJa1Bs61
qxfTiJOLvqfg9p0AAAAAIFUdptMjNF9v4wImpSjUkfzU4spNMDZk0XwLX7yk1Tp3
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp256',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey:
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDbsmo7unTWBkw1RHoRbPCVg4Bx5Dk4JWckvqFA0UWuDrAsm7RyvpkGvNPsdO3Q40e8OcRZpcZ034B4jXOku6H8= alice ecdsab256',
    fingerprint: 'SHA256:tDbE4kdbdVNNreWqTX247JUxSfnArp55q/OWsBoROrI',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
EENuyaju6dNYGTDVEehFs8JWDgHHkOTglZyS+oUDRRa4OsCybtHK+mQa80+x07dDjR7w5x
FmlxnTfgHiNc6S7ofwAAABRjb3VudGVyc2lnbi1hcHByb3ZhbAAAAAAAAAAGc2hhNTEyAA
AAYwAAABNlY2RzYS1zaGEyLW5pc3RwMjU2AAAASAAAACB1HLG8hiBKX6tCU39vmsz4aQF5
DnbWN80meK536xLP7gAAACBRMW8/TgzsCWP1T3VmopIKb0o9kfQr967FJJ+2kp1Wjw==
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp384',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey:
      'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEltQiypkTtVp7KADU/R60//ZA8LMQ6Idx01gir78jT1Al1MbQNWd4g2u09uACJJVr8Lhaa6D/fwYLPEtAmTXdDCcOq2TsmJfgV0Q9aLcuGc8u1IM2RMxyqJTfGDGMHGjg== alice ecdsab384',
    fingerprint: 'SHA256:d7V89ZVBHbIujJxqGgCakrt/EMU4W+0AxrTKz54aIAk',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG
EESW1CLKmRO1WnsoANT9HrT/9kDwsxDoh3HTWCKvvyNPUCXUxtA1Z3iDa7T24AIklWvwuF
proP9/Bgs8S0CZNd0MJw6rZOyYl+BXRD1oty4Zzy7UgzZEzHKolN8YMYwcaOAAAAEmNvdW
50ZXJzaWduLXBvbGljeQAAAAAAAAAGc2hhMjU2AAAAgwAAABNlY2RzYS1zaGEyLW5pc3Rw
Mzg0AAAAaAAAADBuGuH/MG3H6enZfe9fX91YUpB4ZE9iT3Km/aGsg7jgjkxiyFSxzIH//O
MvCn3PfKgAAAAwC0uRReGziqlsix66w6edp1zXm0/TDbIOjedU3GBqU3WONannqdOcWs/X
KDxdxqnm
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp384',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey:
      'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEltQiypkTtVp7KADU/R60//ZA8LMQ6Idx01gir78jT1Al1MbQNWd4g2u09uACJJVr8Lhaa6D/fwYLPEtAmTXdDCcOq2TsmJfgV0Q9aLcuGc8u1IM2RMxyqJTfGDGMHGjg== alice ecdsab384',
    fingerprint: 'SHA256:d7V89ZVBHbIujJxqGgCakrt/EMU4W+0AxrTKz54aIAk',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG
EESW1CLKmRO1WnsoANT9HrT/9kDwsxDoh3HTWCKvvyNPUCXUxtA1Z3iDa7T24AIklWvwuF
proP9/Bgs8S0CZNd0MJw6rZOyYl+BXRD1oty4Zzy7UgzZEzHKolN8YMYwcaOAAAAFGNvdW
50ZXJzaWduLWFwcHJvdmFsAAAAAAAAAAZzaGE1MTIAAACEAAAAE2VjZHNhLXNoYTItbmlz
dHAzODQAAABpAAAAMQD9dSDbwPfr9KV4r8mozGm5FI1/lofkWpYHymei1+pZHX6yKFCOkC
pXjwPn2IDgLosAAAAwel2zAPMOnsbQghHwie6o5098PI5jadCzq6AWbgFzRhAsJE4RvWWu
42c+aqPpxKW4
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp521',
    hash: 'sha256',
    namespace: 'countersign-policy',
    message: BUNDLE_TEXT,
    publicKey:
      'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAE1qhpMhn8jFPeQ2zV4657uHp3n5QZ7Wq+68eoJEHVobZKp+2BiJ3sa3GAwaOGafEUmLkniTv3xtiNTyKrYexVeMAGgjUtxycegoF1gtUOXMGbf11S+TmjcQxIrRXzp4TANK819yZyNC5CNDWk0dYGaLzyDS2err1o81y8OGAgtl45qrQ== alice ecdsab521',
    fingerprint: 'SHA256:zixK3ccEZgpKxvQle/4oOiFZu2rCzKkbY6aWpjn4NiY',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI
UEATWqGkyGfyMU95DbNXjrnu4eneflBntar7rx6gkQdWhtkqn7YGInexrcYDBo4Zp8RSYu
SeJO/fG2I1PIqth7FV4wAaCNS3HJx6CgXWC1Q5cwZt/XVL5OaNxDEitFfOnhMA0rzX3JnI
0LkI0NaTR1gZovPINLZ6uvWjzXLw4YCC2XjmqtAAAAEmNvdW50ZXJzaWduLXBvbGljeQAA
AAAAAAAGc2hhMjU2AAAApgAAABNlY2RzYS1zaGEyLW5pc3RwNTIxAAAAiwAAAEIBnlOIqx
1QmJa+T7kFLJ+5Yxb+JmB/+G+tbwH0DBrSMZj+afpAW5n4V/STr8DjxD4jnUrwFNhjaT6o
0M1ygVJugJ4AAABBU70/0XjJf0fMicGwhL90SbKtiG4E9jdhpIZvwczW9yjeLSzP+L3PfQ
2hqNJheQTdBfiw8cQoAL8erMUO7byy47M=
-----END SSH SIGNATURE-----
`,
  },
  {
    algorithm: 'ecdsa-sha2-nistp521',
    hash: 'sha512',
    namespace: 'countersign-approval',
    message: APPROVAL_TEXT,
    publicKey:
      'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAE1qhpMhn8jFPeQ2zV4657uHp3n5QZ7Wq+68eoJEHVobZKp+2BiJ3sa3GAwaOGafEUmLkniTv3xtiNTyKrYexVeMAGgjUtxycegoF1gtUOXMGbf11S+TmjcQxIrRXzp4TANK819yZyNC5CNDWk0dYGaLzyDS2err1o81y8OGAgtl45qrQ== alice ecdsab521',
    fingerprint: 'SHA256:zixK3ccEZgpKxvQle/4oOiFZu2rCzKkbY6aWpjn4NiY',
    armored: `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI
UEATWqGkyGfyMU95DbNXjrnu4eneflBntar7rx6gkQdWhtkqn7YGInexrcYDBo4Zp8RSYu
SeJO/fG2I1PIqth7FV4wAaCNS3HJx6CgXWC1Q5cwZt/XVL5OaNxDEitFfOnhMA0rzX3JnI
0LkI0NaTR1gZovPINLZ6uvWjzXLw4YCC2XjmqtAAAAFGNvdW50ZXJzaWduLWFwcHJvdmFs
AAAAAAAAAAZzaGE1MTIAAACnAAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAACMAAAAQgDdHE
xm2LV9lWkCeFhsojIpNepZ3wsIWNYptdu2DLlKKiHODh58Hg7kp90o0d5cvdLmoEeoe/ek
tfQwhHc8Kz3QAQAAAEIBcMwD8ByxS8+7P3trdbrxmRqmC3s5HgXwCrOxfw5NBGrkW6V73a
+ooHllnXQrWgtfuf2g+ktp3eh5INuvyWsuF+E=
-----END SSH SIGNATURE-----
`,
  },
];

/** Keys of kinds that are not accepted, and a signature of the first over APPROVAL_TEXT. */
export const REFUSED_KEYS: Readonly<Record<string, string>> = {
  'ssh-rsa':
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCqVbjttx5q6LbpH9c3tDTu5MPvmIsO2peCBu88tb0ZXuekhHMzFWPp+bbvmGtFHApYwf4UT1FqqM1A8bcXC/BVF0KO053mTTkq6PkGag56Pf5GQhHUfV7pMB512exXrjVA3A+1aeu7Y8phjjvPlu1rQEvJqg5NmkjcSadbUZ00fdY5Xbf6E2av65/kQ1oSOSsx7ZE98UhCT+UQheUrhnYeJntE/+02rYn7un/6KQXZPmEuGUPLAyA/n/5AZxdvhwdEiAtJCXGf/MmZCv5a2pIr1s9usxIDC7iltBUyVIuGGf+yNf0dNeZO78TcN0C/rVVJuk5R1wOU4vKiLwlrxZEpEKm/fEj3MW+tT1anuvkE3Pvw2zxVzYkn8qER3NfoXZMu1IqghDw0Tlsh1+atFkWUYbsSm0BDokiyJG2/FVQeTK9RFg+Lxwi96pGQ6nOXovlrrr4wnmqxztNQe+d4M+206jzfFjKo+7mqfOoK/kgw36/lH0Bbp3ZkvpGiIsfYYqU= rsa',
  'ssh-dss':
    'ssh-dss AAAAB3NzaC1kc3MAAACBAMvksQAzsL/DfksEODq2goKGyL9lp6FuYYzOGMnfpyapR3zuNzCCR7h+8/H4iGsSGNsH3KfhhlNbDH3uZg2Z6/0boziBTNM8kykBf6MTniRXdmy7hR/uidDfdjXGJ9PGaPauj2XnlKgf1BXouUKF5vBwO8v9JR6D5Tp9aT3/aBX3AAAAFQClg6vmkyxxdOYwFNwqvAqASaINmQAAAIEAtz6gwgK8GPBBQG8TW4iVrBOozkKQ+FYLGvKFOkYK3erMxSb5aZEmuQtjVkgTKMoasn8yjFH3kyG25rWM8Juiz32lh7iYbWte9A9K0NXLDv4agyvL7T+ANQkTUdKZWMKnGc+CKPvvA4/Gyp0nT46iX+EsUUa7IUPKJPi7XRH6rQgAAACBAKbLl7haezX/TtI0rtV7IdQ/OA3UHs97MV1HV1wjOwzGtHNvDXNapxnYXV42LwEh9snb6eyB3w1ygigwUq+hI1ldQ2V1iZwpSEcG513tl0c6mbZyRD7air3Tuh0uf2WIXv4APfa9QY3n/axsxP0gMHiM3SqsoMP+DS555k2jlCjo dsa',
};

export const RSA_SIGNATURE = `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAZcAAAAHc3NoLXJzYQAAAAMBAAEAAAGBAKpVuO23Hmrotukf1ze0NO
7kw++Yiw7al4IG7zy1vRle56SEczMVY+n5tu+Ya0UcCljB/hRPUWqozUDxtxcL8FUXQo7T
neZNOSro+QZqDno9/kZCEdR9XukwHnXZ7FeuNUDcD7Vp67tjymGOO8+W7WtAS8mqDk2aSN
xJp1tRnTR91jldt/oTZq/rn+RDWhI5KzHtkT3xSEJP5RCF5SuGdh4me0T/7Tatifu6f/op
Bdk+YS4ZQ8sDID+f/kBnF2+HB0SIC0kJcZ/8yZkK/lrakivWz26zEgMLuKW0FTJUi4YZ/7
I1/R015k7vxNw3QL+tVUm6TlHXA5Ti8qIvCWvFkSkQqb98SPcxb61PVqe6+QTc+/DbPFXN
iSfyoRHc1+hdky7UiqCEPDROWyHX5q0WRZRhuxKbQEOiSLIkbb8VVB5Mr1EWD4vHCL3qkZ
Dqc5ei+WuuvjCearHO01B753gz7bTqPN8WMqj7uap86gr+SDDfr+UfQFundmS+kaIix9hi
pQAAABRjb3VudGVyc2lnbi1hcHByb3ZhbAAAAAAAAAAGc2hhNTEyAAABlAAAAAxyc2Etc2
hhMi01MTIAAAGAfKg4Ng354+Fjhr/kpQhyqsoKWr38SkztBRW55k/Q5/8h8XZIhNplplyT
18bXCViMJ/kEk1ICZC5IkiIHMrpwWmSRNLV/TBko2NOvS90ophGq64s5Fjxi+Odx8H/no4
upar1ZK0ZtMsrnlVWow46zQonN1MAana65wgEEP4qYXvmkh8h4VcdUpyEVc7J4MNLZQ6re
FJMB2YMKbtON+ASQZhUcB4sHo3MkCeTy8H1769GE+5NII2zqI9N7m14+GaAi7emDibP2b3
J7qd2MuXyruB0+EgZBzbz4Djj/megtTG45VoIkBPFfRcnryoChq+tDlX6BlxUI8tmnXLCb
0G4ldWUf1dVcRGtQ1/KXEm+PRSZkkehHE5tKrxaAXNyrQnQUbhz2HFM9RLREvOfUvpznvd
C3MjSKMf99BDfMjGnY1tiBYEntv3yi5xFepXEug9RKmv6J61WeHPWgoJSaYSNdjWGW1utB
kZu1bzLS/SZxnnv8yHDCZoTRb2SE/1ETTQQo
-----END SSH SIGNATURE-----
`;
