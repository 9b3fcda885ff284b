/// The version of this program, which every configuration notes.
package let programVersion = "0.1.0"
