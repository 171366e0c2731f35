/** The most bytes of a signature, by far more than the largest accepted key needs. */
export const MAX_SSHSIG = 4096;
