// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Token} from "./Token.sol";

/// Keeps one unit in a hundred of each transfer for itself.
contract FeeToken is Token {
    function transfer(address to, uint256 value) external returns (bool) {
        uint256 fee = value / 100;
        move(msg.sender, to, value - fee);
        move(msg.sender, address(this), fee);
        return true;
    }
}
