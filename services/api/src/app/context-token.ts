/** Under this token Nest injects the AppContext. */
export const CONTEXT = Symbol('AppContext');
