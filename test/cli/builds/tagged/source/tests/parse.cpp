/** \file
 * @brief What the parser takes.
 * @timeout 600
 * @tag smoke
 */
