/** What our own questions say. */
export default {};
