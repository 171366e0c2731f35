// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Token} from "./Token.sol";

/// Refuses by its return value: nothing moves, nothing reverts.
contract FalseToken is Token {
    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }
}
